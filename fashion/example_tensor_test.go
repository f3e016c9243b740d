package fashion_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"fashionlab/fashion"
)

func ExampleTensor() {
	logits := &fashion.Tensor{Shape: []int{2, 3}, Data: []float32{1, 2, 3, 0, 0, 0}}
	fmt.Println(logits.Softmax())
	fmt.Println(logits.Accuracy([]byte{2, 1}))
	_, err := logits.Reshape(4, 2)
	fmt.Println(err)
	// Output:
	// tensor([[0.0900, 0.2447, 0.6652],
	//         [0.3333, 0.3333, 0.3333]])
	// 0.5 <nil>
	// reshape [2 3] to [4 2]: 6 values, want 8
}

func ExampleWeights() {
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range net.Weights.Names() {
		weight, _ := net.Weights.Get(name)
		fmt.Println(name, weight.Shape)
	}
	// Output:
	// linear.weight [10 784]
	// linear.bias [10]
}

// A network's weights go to PyTorch and come back as they were.
func ExampleNetwork() {
	folder, err := os.MkdirTemp("", "weights")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "cnn.safetensors")
	net, err := fashion.CNN().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	if err := net.SaveSafetensors(file); err != nil {
		log.Fatal(err)
	}
	loaded, err := fashion.CNN().LoadSafetensors(file)
	if err != nil {
		log.Fatal(err)
	}
	before, _ := net.Weights.Get("out.bias")
	after, _ := loaded.Weights.Get("out.bias")
	fmt.Println(len(loaded.Weights.Names()), before.Data[0] == after.Data[0])
	_, err = fashion.SoftmaxRegression().LoadSafetensors(file)
	fmt.Println(err != nil)
	// Output:
	// 6 true
	// true
}
