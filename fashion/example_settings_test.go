package fashion_test

import (
	"fmt"

	"fashionlab/fashion"
)

func ExampleOptimizerOption() {
	fmt.Println(fashion.SGD(0.1, fashion.WithNesterov(0.9), fashion.WithWeightDecay(5e-4)))
	fmt.Println(fashion.AdamW(0.008, fashion.WithBetas(0.9, 0.95), fashion.WithMatrixDecay(0.02)))
	// Output:
	// sgd(lr=0.1, momentum=0.9, nesterov, weight_decay=0.0005)
	// adamw(lr=0.008, betas=(0.9, 0.95), weight_decay=0.02 on kernels and matrices)
}

// A tenth of the learning rate for the first layer, whose bias is trained in the first fifth only.
func ExampleParameterGroups() {
	optimizer := fashion.Adam(0.01, fashion.WithGroup("conv1.*.bias", 0.1, 0.2), fashion.WithGroup("conv1.*", 0.1, 0))
	fmt.Println(optimizer)
	// Output:
	// adam(lr=0.01, 0.1 lr for conv1.*.bias in the first 0.2 of the steps, 0.1 lr for conv1.*)
}

func ExampleParameterGroup() {
	fmt.Println(fashion.ParameterGroup{Pattern: "*.bias", Factor: 2})
	// Output:
	// 2 lr for *.bias
}

func ExampleSchedule() {
	for _, schedule := range []fashion.Schedule{fashion.TriangularLR(0.2), fashion.CosineAnnealingLR().WithWarmUp(2, 0.5)} {
		fmt.Print(schedule, ":")
		for step := range 10 {
			fmt.Printf(" %.3f", schedule.Rate(0.008, step, 10))
		}
		fmt.Println()
	}
	// Output:
	// triangular(rise=0.2): 0.000 0.004 0.008 0.007 0.006 0.005 0.004 0.003 0.002 0.001
	// cosine(eta_min=0) after a warm-up of 2 steps from 0.5: 0.004 0.006 0.008 0.008 0.007 0.006 0.004 0.002 0.001 0.000
}

func ExampleEMA() {
	fmt.Println(fashion.EMA{Decay: 0.95, Every: 5, Start: 0.625})
	// Output:
	// EMA(decay=0.95, every=5, start=0.625)
}

func ExampleMeasure() {
	history := fashion.History{Epochs: []fashion.EpochResult{
		{Epoch: 1, Validated: true, ValLoss: 0.30, ValAccuracy: 0.90},
		{Epoch: 2, Validated: true, ValLoss: 0.32, ValAccuracy: 0.91},
	}}
	for _, by := range []fashion.Measure{fashion.ByLoss, fashion.ByAccuracy} {
		best, _ := history.Best(by)
		fmt.Println(by, best.Epoch)
	}
	// Output:
	// val_loss 1
	// val_accuracy 2
}
