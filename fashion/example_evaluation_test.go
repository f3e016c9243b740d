package fashion_test

import (
	"fmt"
	"log"

	"fashionlab/fashion"
)

// An untrained network guesses among ten classes: its loss is near ln 10.
func ExampleEvaluation() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 10, 100)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Test.All(), 50)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	evaluation, err := net.Evaluate(loader)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.1f for %d images\n", evaluation.Loss, len(evaluation.Predicted))
	// Output:
	// loss 2.3 for 100 images
}

func ExamplePrediction() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	image, err := data.Test.Image(7)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	predictions, err := net.Predict(image)
	if err != nil {
		log.Fatal(err)
	}
	sum := 0.0
	for _, p := range predictions[0].Probabilities {
		sum += p
	}
	fmt.Printf("image %d, label %d, probabilities that sum to %.3f\n", predictions[0].Index, predictions[0].Label, sum)
	// Output:
	// image 7, label 6, probabilities that sum to 1.000
}

func ExampleForwardResult() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 20, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 20)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.CNN().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	output, err := net.Forward(loader.First(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(output.Logits.Shape, output.Features.Shape)
	// Output:
	// [20 10] [20 1568]
}

func ExampleActivation() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	image, err := data.Test.Image(0)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.CNN().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	activations, err := net.Activations(image)
	if err != nil {
		log.Fatal(err)
	}
	for _, activation := range activations {
		fmt.Println(activation.Name, activation.Kind, activation.Values.Shape)
	}
	// Output:
	// conv1.0 Conv2d [16 28 28]
	// conv1.1 ReLU [16 28 28]
	// conv1.2 MaxPool2d [16 14 14]
	// conv2.0 Conv2d [32 14 14]
	// conv2.1 ReLU [32 14 14]
	// conv2.2 MaxPool2d [32 7 7]
	// 2 Flatten [1568]
	// out Linear [10]
}

func ExampleGradCAM() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		log.Fatal(err)
	}
	image, err := data.Test.Image(0)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.CNN().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	heat, err := net.GradCAM(image, "", image.Label)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(heat.Layer, heat.Class, heat.Map.Shape)
	// Output:
	// conv2.1 1 [14 14]
}

func ExampleLRFinderResult() {
	if err := fashion.UseBackend("go"); err != nil {
		log.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 100, 10)
	if err != nil {
		log.Fatal(err)
	}
	loader, err := fashion.NewLoader(data.Train.All(), 20)
	if err != nil {
		log.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		log.Fatal(err)
	}
	curve, err := net.FindLearningRate(loader, fashion.LRFinder{From: 0.001, To: 0.1, Steps: 10, Optimizer: "adam"})
	if err != nil {
		log.Fatal(err)
	}
	for _, rate := range curve.Rates[:5] {
		fmt.Printf("%.4f ", rate)
	}
	// Output:
	// 0.0010 0.0017 0.0028 0.0046 0.0077
}

func ExampleLRFinder() {
	fmt.Printf("%+v\n", fashion.LRFinder{From: 1e-4, To: 0.1, Steps: 50})
	// Output:
	// {From:0.0001 To:0.1 Steps:50 Optimizer: Options:[] Seed:0}
}
