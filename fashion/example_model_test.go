package fashion_test

import (
	"fmt"
	"log"

	"fashionlab/fashion"
)

func ExampleModel() {
	model := fashion.NewModel("small",
		fashion.Block("conv1", fashion.Conv2D(1, 4, 5, fashion.Padding(2)), fashion.ReLU(), fashion.MaxPool2D(2)),
		fashion.Flatten(),
		fashion.Named("out", fashion.Linear(4*14*14, 10)),
	)
	fmt.Println(model)
	fmt.Println(model.NumParameters(), "parameters")
	// Output:
	// small(
	//   (conv1): Sequential(
	//     (0): Conv2d(1, 4, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
	//     (1): ReLU()
	//     (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
	//   )
	//   (1): Flatten(start_dim=1, end_dim=-1)
	//   (out): Linear(in_features=784, out_features=10, bias=True)
	// )
	// 7954 parameters
}

func ExampleBlock() {
	grouped := fashion.NewModel("grouped", fashion.Block("hidden", fashion.Flatten(), fashion.Linear(784, 10)))
	named := fashion.NewModel("named", fashion.Flatten(), fashion.Named("out", fashion.Linear(784, 10)))
	for _, model := range []*fashion.Model{grouped, named} {
		for _, p := range model.Parameters() {
			fmt.Println(p.Name, p.Shape)
		}
	}
	// Output:
	// hidden.1.weight [10 784]
	// hidden.1.bias [10]
	// out.weight [10 784]
	// out.bias [10]
}

func ExampleSummary() {
	summary, err := fashion.CNN().Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(summary)
	// Output:
	// layer    kind       output    parameters
	// conv1.0  Conv2d     16×28×28  416
	// conv1.1  ReLU       16×28×28  0
	// conv1.2  MaxPool2d  16×14×14  0
	// conv2.0  Conv2d     32×14×14  12,832
	// conv2.1  ReLU       32×14×14  0
	// conv2.2  MaxPool2d  32×7×7    0
	// 2        Flatten    1568      0
	// out      Linear     10        15,690
	// total                         28,938
}

func ExampleLayerSummary() {
	summary, err := fashion.CNNv1().Summary()
	if err != nil {
		log.Fatal(err)
	}
	for _, layer := range summary.Layers[:3] {
		fmt.Println(layer.Name, layer.Kind, layer.OutputShape, layer.Parameters)
	}
	// Output:
	// conv1.0 Conv2d [32 28 28] 832
	// conv1.1 BatchNorm2d [32 28 28] 64
	// conv1.2 ReLU [32 28 28] 0
}

// A layer computes its shapes without compiling anything.
func ExampleLayer() {
	layer := fashion.Conv2D(1, 16, 3, fashion.Stride(2))
	fmt.Println(layer)
	fmt.Println(layer.OutputShape([]int{1, 28, 28}))
	fmt.Println(layer.OutputShape([]int{3, 28, 28}))
	// Output:
	// Conv2d(1, 16, kernel_size=(3, 3), stride=(2, 2))
	// [16 13 13] <nil>
	// [] Conv2d(1, 16, kernel_size=(3, 3), stride=(2, 2)): input with 3 channels, want 1
}

func ExampleParameterSpec() {
	for _, p := range fashion.BatchNorm2D(8).Parameters() {
		fmt.Println(p.Name, p.Shape, "trainable:", p.Trainable)
	}
	// Output:
	// weight [8] trainable: true
	// bias [8] trainable: true
	// running_mean [8] trainable: false
	// running_var [8] trainable: false
	// num_batches_tracked [] trainable: false
}

// PyTorch draws a linear layer's weights from ±1/√in.
func ExampleParameterSpec_initial() {
	for _, layer := range []fashion.Layer{fashion.Linear(100, 10), fashion.BatchNorm1D(10)} {
		first := layer.Parameters()[0]
		fmt.Printf("%s of %s: bound %v, value %v\n", first.Name, layer.Kind(), first.InitialBound, first.InitialValue)
	}
	// Output:
	// weight of Linear: bound 0.1, value 0
	// weight of BatchNorm1d: bound 0, value 1
}

func ExampleConvOption() {
	fmt.Println(fashion.Conv2D(4, 8, 3, fashion.Padding(1), fashion.Dilation(2), fashion.Groups(2), fashion.NoBias()))
	// Output:
	// Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), dilation=(2, 2), groups=2, bias=False)
}

// The kernel sums each pixel with its neighbours on the left and on the right.
func ExamplePaddingMode() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	image := &fashion.Tensor{Shape: []int{1, 1, 3, 3}, Data: []float32{1, 2, 3, 1, 2, 3, 1, 2, 3}}
	kernel := &fashion.Tensor{Shape: []int{1, 1, 3, 3}, Data: []float32{0, 0, 0, 1, 1, 1, 0, 0, 0}}
	for _, mode := range []string{"zeros", "reflect", "replicate", "circular"} {
		sums, err := image.Conv2D(kernel, fashion.Padding(1), fashion.PaddingMode(mode))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(mode, sums.Data[:3])
	}
	// Output:
	// zeros [3 6 5]
	// reflect [5 6 7]
	// replicate [4 6 8]
	// circular [6 6 6]
}
