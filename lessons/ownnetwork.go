package lessons

import (
	"errors"
	"fmt"

	"fashionlab/fashion"
)

// A NetworkLayer is a convolution in a student's own network, without its padding, which the student finds.
type NetworkLayer struct {
	Kernel, Stride int
	Channels, Size int // what comes out are Channels pictures of Size×Size
}

// What the layers are drawn from. For each there is one padding, and never none.
var (
	// Kernel and output of the first convolution, for images of 28×28 and stride 2.
	firstLayers = [][2]int{{4, 14}, {4, 15}, {5, 13}, {5, 14}, {6, 13}, {6, 14}, {7, 12}, {7, 13}}
	// Kernel of the second with stride 1, and how much larger than its input its output is.
	secondLayers = [][2]int{{2, 1}, {3, 0}, {3, 2}, {4, 1}, {5, -2}, {5, 0}}
)

// OwnNetworkLayers returns the two convolutions of a student's own network. There are 9,216 such pairs.
func OwnNetworkLayers(student Student) (first, second NetworkLayer, err error) {
	v, err := VariantOf("OwnNetwork", student)
	if err != nil {
		return first, second, err
	}
	one, two := firstLayers[v.Below(len(firstLayers), "first")], secondLayers[v.Below(len(secondLayers), "second")]
	first = NetworkLayer{Kernel: one[0], Stride: 2, Channels: 6 + v.Below(12, "first channels"), Size: one[1]}
	second = NetworkLayer{Kernel: two[0], Stride: 1, Channels: 18 + v.Below(16, "second channels"), Size: one[1] + two[1]}
	return first, second, nil
}

// CheckOwnNetwork checks the structure of a network with a student's own numbers.
func CheckOwnNetwork(f func() *fashion.Model, student Student) error {
	if err := CheckOwnNetworkLayers(f, student); err != nil {
		return err
	}
	return passed.note(nil, "OwnNetwork: each layer is right, with the numbers of the id %q", student())
}

// CheckOwnNetworkLayers is CheckOwnNetwork without its line.
func CheckOwnNetworkLayers(f func() *fashion.Model, student Student) error {
	first, second, err := OwnNetworkLayers(student)
	if err != nil {
		return err
	}
	if err := ownNetworkTable(first, second).check("OwnNetwork", f); err != nil {
		if stub := (notWritten{}); errors.As(err, &stub) {
			return err
		}
		return fmt.Errorf("%w (the numbers are those of the id %q)", err, student())
	}
	return nil
}

// ownNetworkTable has the layers that are asked for.
func ownNetworkTable(first, second NetworkLayer) ModelTable {
	convolution := func(name string, l NetworkLayer) []ModelLayer {
		output := []int{l.Channels, l.Size, l.Size}
		return []ModelLayer{{Name: name, Kind: "Conv2d", Output: output, Parameters: 1, Kernel: l.Kernel}, {Kind: "ReLU", Output: output}}
	}
	pooled := second.Size / 2
	layers := append(convolution("conv1.0", first), convolution("conv2.0", second)...)
	return ModelTable{Layers: append(layers,
		ModelLayer{Kind: "MaxPool2d", Output: []int{second.Channels, pooled, pooled}, Kernel: 2},
		ModelLayer{Kind: "Flatten", Output: []int{second.Channels * pooled * pooled}},
		ModelLayer{Name: "out", Kind: "Linear", Output: []int{10}, Parameters: 1})}
}
