package fashion_test

import (
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion"
)

// A layer that this package does not have, with one factor for each feature.
func ExampleGraphLayer() {
	scale := fashion.GraphLayer{
		Name:     "Scale",
		Declared: []fashion.ParameterSpec{{Name: "weight", Shape: []int{784}, InitialValue: 1, Trainable: true}},
		Graph: func(c *fashion.Context, x *graph.Node) *graph.Node {
			return graph.Mul(x, graph.InsertAxes(c.Parameter("weight"), 0))
		},
	}
	model := fashion.NewModel("scaled", fashion.Flatten(), scale, fashion.Linear(784, 10))
	summary, err := model.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(summary)
	// Output:
	// layer  kind     output  parameters
	// 0      Flatten  784     0
	// 1      Scale    784     784
	// 2      Linear   10      7,850
	// total                   8,634
}

// A layer with different computations in training and in evaluation.
func ExampleContext() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	double := fashion.GraphLayer{Name: "DoubleInTraining", Graph: func(c *fashion.Context, x *graph.Node) *graph.Node {
		if c.Training() {
			return graph.MulScalar(x, 2)
		}
		return x
	}}
	net, err := fashion.NewModel("double", fashion.Flatten(), fashion.Linear(784, 10), double).Init(1)
	if err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 10)
	if err != nil {
		log.Fatal(err)
	}
	evaluated, err := net.Forward(loader.First(), nil)
	if err != nil {
		log.Fatal(err)
	}
	trained, err := net.ForwardInTraining(loader.First(), 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(trained.Logits.Data[0] / evaluated.Logits.Data[0])
	// Output:
	// 2
}
