package fashion

import (
	"fmt"
	"slices"
)

// ModelNames returns the names of the homework's models, in the homework's order.
func ModelNames() []string { return []string{"softmax", "cnn", "cnn_v1", "cnn_v2", "cnn_v3"} }

// ModelByName returns one of the homework's five models, or the model of a recipe. Another name is
// an error.
func ModelByName(name string) (*Model, error) {
	switch name {
	case "softmax":
		return SoftmaxRegression(), nil
	case "cnn":
		return CNN(), nil
	case "cnn_v1":
		return CNNv1(), nil
	case "cnn_v2":
		return CNNv2(), nil
	case "cnn_v3":
		return CNNv3(), nil
	}
	if r, err := RecipeByName(name); err == nil {
		return r.Model, nil
	}
	return nil, fmt.Errorf("model %q, want one of %q", name, slices.Concat(ModelNames(), RecipeNames()))
}

// SoftmaxRegression is multi-class logistic regression: one linear layer from
// 784 pixels to 10 logits, 7,850 parameters.
func SoftmaxRegression() *Model {
	return NewModel("softmax",
		Flatten(),
		Named("linear", Linear(ImagePixels, NumClasses)),
	)
}

// CNN is the homework's baseline: two 5×5 convolutions, 28,938 parameters.
func CNN() *Model {
	return NewModel("cnn",
		Block("conv1", Conv2D(1, 16, 5, Padding(2)), ReLU(), MaxPool2D(2)),
		Block("conv2", Conv2D(16, 32, 5, Padding(2)), ReLU(), MaxPool2D(2)),
		Flatten(),
		Named("out", Linear(32*7*7, NumClasses)),
	)
}

// CNNv1 is version 1: twice the channels, batch norm and dropout, 83,658
// parameters.
func CNNv1() *Model {
	return NewModel("cnn_v1",
		Block("conv1", Conv2D(1, 32, 5, Padding(2)), BatchNorm2D(32), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Block("conv2", Conv2D(32, 64, 5, Padding(2)), BatchNorm2D(64), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Flatten(),
		Named("out", Linear(64*7*7, NumClasses)),
	)
}

// CNNv2 is version 2: three convolutions with 3×3 kernels, 113,610 parameters.
func CNNv2() *Model {
	return NewModel("cnn_v2",
		Block("conv1", Conv2D(1, 32, 3, Padding(2)), BatchNorm2D(32), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Block("conv2", Conv2D(32, 64, 3, Padding(2)), BatchNorm2D(64), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Block("conv3", Conv2D(64, 128, 3, Padding(1)), BatchNorm2D(128), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Flatten(),
		Named("out", Linear(128*4*4, NumClasses)),
	)
}

// CNNv3 is version 3: version 2 with a hidden layer of 256 units before the
// output, 620,746 parameters.
func CNNv3() *Model {
	return NewModel("cnn_v3",
		Block("conv1", Conv2D(1, 32, 3, Padding(2)), BatchNorm2D(32), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Block("conv2", Conv2D(32, 64, 3, Padding(2)), BatchNorm2D(64), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Block("conv3", Conv2D(64, 128, 3, Padding(1)), BatchNorm2D(128), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Flatten(),
		Block("fc_block", Linear(128*4*4, 256), BatchNorm1D(256), ReLU(), Dropout(0.5), Linear(256, NumClasses)),
	)
}
