package fashion_test

import (
	"fmt"
	"log"

	"fashionlab/fashion"
)

func ExampleLinearOption() {
	fmt.Println(fashion.Linear(128, 10, fashion.NoBias()))
	// Output:
	// Linear(in_features=128, out_features=10, bias=False)
}

// Batch norm with a shift that is trained, and a scale that stays 1.
func ExampleBatchNormOption() {
	norm := fashion.BatchNorm2D(64, fashion.Frozen("weight"), fashion.Momentum(0.4), fashion.Epsilon(1e-12))
	fmt.Println(norm)
	for _, p := range norm.Parameters()[:2] {
		fmt.Println(p.Name, "trainable:", p.Trainable)
	}
	// Output:
	// BatchNorm2d(64, eps=1e-12, momentum=0.4, affine=True, track_running_stats=True)
	// weight trainable: false
	// bias trainable: true
}

func ExampleGELUOption() {
	fmt.Println(fashion.GELU(), fashion.GELU(fashion.Approximate("tanh")))
	// Output:
	// GELU(approximate='none') GELU(approximate='tanh')
}

// A residual block that halves the image, after a frozen first convolution.
func ExampleResidual() {
	model := fashion.NewModel("resnet",
		fashion.Named("first", fashion.Conv2D(1, 8, 3, fashion.Padding(1), fashion.Frozen("weight"))),
		fashion.Named("block", fashion.Residual(
			fashion.Conv2D(8, 16, 3, fashion.Padding(1), fashion.Stride(2)), fashion.BatchNorm2D(16),
			fashion.Shortcut(fashion.Conv2D(8, 16, 1, fashion.Stride(2))))),
		fashion.ReLU(), fashion.AdaptiveAvgPool2D(1), fashion.Flatten(), fashion.Linear(16, 10))
	summary, err := model.Summary()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v\n%v", model, summary)
	// Output:
	// resnet(
	//   (first): Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
	//   (block): Residual(
	//     (branch): Sequential(
	//       (0): Conv2d(8, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
	//       (1): BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
	//     )
	//     (shortcut): Sequential(
	//       (0): Conv2d(8, 16, kernel_size=(1, 1), stride=(2, 2))
	//     )
	//   )
	//   (2): ReLU()
	//   (3): AdaptiveAvgPool2d(output_size=1)
	//   (4): Flatten(start_dim=1, end_dim=-1)
	//   (5): Linear(in_features=16, out_features=10, bias=True)
	// )
	// layer  kind               output    parameters  frozen
	// first  Conv2d             8×28×28   8           72
	// block  Residual           16×14×14  1,344       0
	// 2      ReLU               16×14×14  0           0
	// 3      AdaptiveAvgPool2d  16×1×1    0           0
	// 4      Flatten            16        0           0
	// 5      Linear             10        170         0
	// total                               1,522       72
}
