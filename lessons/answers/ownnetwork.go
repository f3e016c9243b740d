package answers

import (
	"fmt"

	"fashionlab/fashion"
	"fashionlab/lessons"
)

// ownNetwork is a student's own network.
func ownNetwork(student lessons.Student) (*fashion.Model, error) {
	first, second, err := lessons.OwnNetworkLayers(student)
	if err != nil {
		return nil, err
	}
	one, err := withPadding(1, fashion.ImageHeight, first)
	if err != nil {
		return nil, err
	}
	two, err := withPadding(first.Channels, first.Size, second)
	if err != nil {
		return nil, err
	}
	pooled := second.Size / 2
	return fashion.NewModel("own",
		fashion.Block("conv1", one, fashion.ReLU()),
		fashion.Block("conv2", two, fashion.ReLU(), fashion.MaxPool2D(2)),
		fashion.Flatten(),
		fashion.Named("out", fashion.Linear(second.Channels*pooled*pooled, 10)),
	), nil
}

// withPadding returns the convolution with the padding that gives its size.
func withPadding(in, size int, l lessons.NetworkLayer) (fashion.Layer, error) {
	for padding := range l.Kernel {
		if outputSize(size, l.Kernel, padding, l.Stride) == l.Size {
			return fashion.Conv2D(in, l.Channels, l.Kernel, fashion.Padding(padding), fashion.Stride(l.Stride)), nil
		}
	}
	return nil, fmt.Errorf("no padding makes %d×%d of %d×%d with a kernel of %d×%d", l.Size, l.Size, size, size, l.Kernel, l.Kernel)
}

// CheckOwnNetworkFurther checks that the model computes what the network with the student's numbers does.
func CheckOwnNetworkFurther(f func() *fashion.Model, student lessons.Student) error {
	model, err := ownNetwork(student)
	if err != nil {
		return err
	}
	return checkOutputsOf("OwnNetwork", f, model, func(f func() *fashion.Model) error { return lessons.CheckOwnNetworkLayers(f, student) })
}
