package plots_test

import (
	"fmt"
	"image"
	"time"

	"fashionlab/fashion"
	"fashionlab/plots"
)

var boot = image.NewGray(image.Rect(0, 0, 28, 28))

func ExampleConfusion() {
	figure, err := plots.Confusion("Two classes", []string{"Shirt", "Coat"}, [][]int{{70, 30}, {10, 90}})
	fmt.Println(figure, err)
	// Output:
	// Two classes
	// 160 of 200 images right (80.0 %)
	//   Shirt: 70.0 % right, most often taken for Coat (30)
	//   Coat: 90.0 % right, most often taken for Shirt (10) <nil>
}

func ExampleClasses() {
	figure, err := plots.Classes("By class", []string{"Bag", "Shirt"},
		plots.ClassScores{Model: "softmax", Accuracies: []float64{0.9, 0.31}},
		plots.ClassScores{Model: "cnn", Accuracies: []float64{0.97, 0.69}})
	fmt.Println(figure, err)
	// Output:
	// By class
	//   Shirt        softmax 31.0 % cnn 69.0 %
	//   Bag          softmax 90.0 % cnn 97.0 % <nil>
}

func ExampleAnswers() {
	figure, err := plots.Answers("Mistakes", []string{"Shirt", "Coat", "Bag"},
		plots.Answer{Image: boot, Title: "test image 4", Probabilities: []float64{0.3, 0.69, 0.01}, TrueClass: 0})
	fmt.Println(figure, err)
	// Output:
	// Mistakes
	//   test image 4: Coat 69.0 % (predicted, wrong), Shirt 30.0 % (true), Bag 1.0 % <nil>
}

func ExamplePairs() {
	figure, err := plots.Pairs("Duplicates", plots.Pair{
		First: boot, Second: boot, FirstTitle: "train 3\nCoat", SecondTitle: "test 8\nShirt", Note: "labels differ", Mark: plots.Wrong,
	})
	fmt.Println(figure, err)
	// Output:
	// 1 pairs of images: Duplicates
	//   train 3 Coat and test 8 Shirt: equal, labels differ <nil>
}

func ExampleWeights() {
	figure, err := plots.Weights("A kernel", 1, plots.Map{Title: "edge", Values: [][]float64{{-1, 0, 1}, {-1, 0, 1}, {-1, 0, 1}}})
	fmt.Println(figure, err)
	// Output:
	// 1 maps of 3×3 weights, from −1 to 1: A kernel
	//   edge: −1 to 1 <nil>
}

func ExampleFeatureMaps() {
	figure, err := plots.FeatureMaps("A boot", boot, plots.Layer{Name: "conv", Maps: [][][]float64{{{0.5, -1}, {0, 2}}}})
	fmt.Println(figure, err)
	// Output:
	// feature maps: A boot
	//   conv: 1 maps, 2×2 from −1 to 2 <nil>
}

func ExampleOverlay() {
	figure, err := plots.Overlay("", plots.Heat{Image: boot, Title: "Bag", Mark: plots.Right, Values: [][]float64{{0, 0}, {0, 1}}})
	fmt.Println(figure, err)
	// Output:
	// 1 images and where the heat lies
	//   Bag (right): most at 75 % from the left, 75 % from the top <nil>
}

func ExampleRates() {
	figure, err := plots.Rates("Search", []float64{0.001, 0.01, 0.1}, []float64{2.3, 1.1, 4}, []float64{2.3, 1.2, 3.9}, 0.001)
	fmt.Println(figure, err)
	// Output:
	// Search: loss by learning rate from 0.001 to 0.1; the smoothed loss begins at 2.3, is lowest at 0.01 (1.2) and ends at 3.9; suggested: 0.001 <nil>
}

func ExampleTradeOff() {
	figure, err := plots.TradeOff("Cost",
		plots.Runs{Model: "softmax", Parameters: 7850, Seconds: []float64{9}, Accuracies: []float64{0.71}},
		plots.Runs{Model: "cnn", Parameters: 28938, Seconds: []float64{150, 160}, Accuracies: []float64{0.88, 0.89}})
	fmt.Println(figure, err)
	// Output:
	// Cost
	//   softmax; parameters 7,850; seconds to train 9.0; test accuracy, % 71.00; range, % –; seeds 1
	//   cnn; parameters 28,938; seconds to train 155.0; test accuracy, % 88.50; range, % 88.00–89.00; seeds 2 <nil>
}

func ExampleMinutes() {
	figure, err := plots.Minutes("Cost", []plots.Reference{{Name: "others", Accuracy: 0.9}},
		plots.Runs{Model: "cnn", Parameters: 28938, Seconds: []float64{150, 160}, Accuracies: []float64{0.88, 0.89}})
	fmt.Println(figure, err)
	// Output:
	// Cost
	//   cnn: 2.6 minutes, accuracy 88.5 % (88.0–89.0)
	//   for comparison: others 90.0 % <nil>
}

func ExampleTraining() {
	figure, err := plots.Training("cnn", plots.TrainingState{
		Epochs: 2, StepsPerEpoch: 2, StepLosses: []float64{2.3, 1.9, 1.5}, ValLosses: []float64{1.7}, ValAccuracies: []float64{0.6},
		ImagesPerSecond: 5000, Left: 3 * time.Second,
	})
	fmt.Println(figure, err)
	// Output:
	// cnn: epoch 2 of 2 · 5,000 images/s · 3 s left · validation: loss 1.7000, accuracy 60.0 % <nil>
}

func ExampleSeen() {
	figure, err := plots.Seen("Mine", image.NewNRGBA(image.Rect(0, 0, 640, 480)), boot)
	fmt.Println(figure, err)
	// Output:
	// a picture of 640×480 pixels, and the 28×28 that a network sees of it: Mine <nil>
}

func ExampleSlider() {
	answer := plots.Answer{Image: boot, Title: "test image 0", Probabilities: []float64{0.2, 0.8}, TrueClass: 1}
	slider, err := plots.Slider("Walk", "image", []string{"Shirt", "Coat"}, answer, answer)
	fmt.Println(slider.Still(), err)
	// Output:
	// Walk
	//   test image 0: Coat 80.0 % (predicted, true), Shirt 20.0 %
	//   test image 0: Coat 80.0 % (predicted, true), Shirt 20.0 % <nil>
}

func ExampleSchedules() {
	figure, err := plots.Schedules("Schedule", 0.008, 6, fashion.TriangularLR(0.5))
	fmt.Println(figure, err)
	// Output:
	// Schedule: learning rate by step
	//   triangular(rise=0.5): 6 points: (0, 0) (1, 0.002667) (2, 0.005333) (3, 0.008) (4, 0.005333) (5, 0.002667) <nil>
}
