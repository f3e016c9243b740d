package plots_test

import (
	"fmt"
	"image"
	"os"

	"fashionlab/plots"
)

func Example() {
	figure, err := plots.History("Validation loss", "loss", plots.FromUntrained("", 2.31, 0.52, 0.44))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := os.CreateTemp("", "loss-*.svg")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(file.Name())
	fmt.Println(figure.WriteSVG(file), file.Close())
	fmt.Println(figure.Size())
	// Output:
	// <nil> <nil>
	// 560 320
}

func ExampleGrid() {
	boot := image.NewGray(image.Rect(0, 0, 28, 28))
	figure, err := plots.Grid("Predictions", 1, 2, []plots.Tile{
		{Image: boot, Title: "Ankle boot", Mark: plots.Right},
		{Image: boot, Title: "Sneaker\nnot Ankle boot", Mark: plots.Wrong},
	})
	fmt.Println(figure, err)
	// Output:
	// 2 images in 1 rows of 2: Predictions
	//   row 1: Ankle boot (right), Sneaker not Ankle boot (wrong) <nil>
}

func ExamplePicture() {
	figure, err := plots.Picture("9 Ankle boot", image.NewGray(image.Rect(0, 0, 28, 28)))
	fmt.Println(figure, err)
	// Output:
	// an image of 28×28 pixels: 9 Ankle boot <nil>
}

func ExampleHistory() {
	figure, err := plots.History("Loss", "cross-entropy",
		plots.FromFirstEpoch("training", 0.6, 0.4),
		plots.FromUntrained("validation", 2.31, 0.5, 0.45))
	fmt.Println(figure, err)
	// Output:
	// Loss: cross-entropy by epoch
	//   training: epoch 1 to 2: 0.6 0.4
	//   validation: epoch 0 to 2: 2.31 0.5 0.45 <nil>
}

func ExampleHistories() {
	figure, err := plots.Histories("Two models",
		plots.Panel{Title: "Loss", YLabel: "cross-entropy", Series: []plots.Series{
			plots.FromUntrained("cnn", 2.31, 0.5), plots.FromUntrained("softmax", 2.31, 1.9),
		}},
		plots.Panel{Title: "Accuracy", YLabel: "accuracy", Series: []plots.Series{
			plots.FromUntrained("cnn", 0.1, 0.8), plots.FromUntrained("softmax", 0.1, 0.6),
		}})
	fmt.Println(figure, err)
	// Output:
	// Two models
	// Loss: cross-entropy by epoch
	//   cnn: epoch 0 to 1: 2.31 0.5
	//   softmax: epoch 0 to 1: 2.31 1.9
	// Accuracy: accuracy by epoch
	//   cnn: epoch 0 to 1: 0.1 0.8
	//   softmax: epoch 0 to 1: 0.1 0.6 <nil>
}

func ExampleCurves() {
	figure, err := plots.Curves("", plots.Chart{Title: "A parabola", XLabel: "weight", YLabel: "loss",
		Curves: []plots.Curve{{X: []float64{-1, 0, 1}, Y: []float64{1, 0, 1}}}})
	fmt.Println(figure, err)
	// Output:
	// A parabola: loss by weight
	//   3 points: (-1, 1) (0, 0) (1, 1) <nil>
}

func ExampleCompare() {
	figure, err := plots.Compare("Test accuracy", "the original",
		plots.Score{Model: "softmax", Accuracies: []float64{0.70}, Reference: 0.70},
		plots.Score{Model: "cnn", Accuracies: []float64{0.88, 0.89, 0.90}, Reference: 0.885})
	fmt.Println(figure, err)
	// Output:
	// Test accuracy
	//   softmax: 70.0 %; the original: 70.0 %
	//   cnn: 89.0 % (88.0–90.0) over 3 seeds; the original: 88.5 % <nil>
}

func ExampleProbabilities() {
	shirt := image.NewGray(image.Rect(0, 0, 28, 28))
	figure, err := plots.Probabilities("Test image 4", shirt, []string{"Shirt", "Coat", "Bag"}, []float64{0.3, 0.69, 0.01}, 0)
	fmt.Println(figure, err)
	// Output:
	// Test image 4
	//   Shirt         30.0 %  true
	//   Coat          69.0 %  predicted, wrong
	//   Bag            1.0 % <nil>
}

func ExampleMatrices() {
	figure, err := plots.Matrices("A convolution",
		plots.Matrix{Title: "input", Values: [][]float64{{1, 2, 3}, {4, 5, 6}}, Window: image.Rect(0, 0, 2, 2)},
		plots.Matrix{Title: "kernel", Values: [][]float64{{0, 1}, {-1, 0}}, Before: "∗"},
		plots.Matrix{Title: "output", Values: [][]float64{{-2, -2}}, Before: "=", Window: image.Rect(0, 0, 1, 1)})
	fmt.Println(figure, err)
	// Output:
	// A convolution
	// input (2×3):
	//   1 2 3
	//   4 5 6
	// ∗ kernel (2×2):
	//    0  1
	//   −1  0
	// = output (1×2):
	//   −2 −2 <nil>
}

func ExampleGraph() {
	figure, err := plots.Graph("A product",
		plots.GraphNode{Label: "a", Value: 2, Gradient: -3},
		plots.GraphNode{Label: "b", Value: -3, Gradient: 2},
		plots.GraphNode{Label: "a·b", Value: -6, Gradient: 1, Inputs: []int{0, 1}})
	fmt.Println(figure, err)
	// Output:
	// A product
	//   0: a; value 2, gradient −3
	//   1: b; value −3, gradient 2
	//   2: a·b of 0, 1; value −6, gradient 1 <nil>
}

func ExampleNetwork() {
	figure, err := plots.Network("A small network", []int{1, 28, 28},
		plots.Stage{Kind: "Conv2d", Shape: []int{8, 28, 28}, Parameters: 208},
		plots.Stage{Kind: "ReLU", Shape: []int{8, 28, 28}},
		plots.Stage{Kind: "MaxPool2d", Shape: []int{8, 7, 7}},
		plots.Stage{Kind: "Flatten", Shape: []int{392}},
		plots.Stage{Kind: "Linear", Shape: []int{10}, Parameters: 3930})
	fmt.Println(figure, err)
	// Output:
	// A small network
	//   image: 1 × 28×28
	//   → Conv2d, ReLU: 8 × 28×28, 208 parameters
	//   → MaxPool2d: 8 × 7×7
	//   → Flatten: 392
	//   → Linear: 10, 3,930 parameters <nil>
}
