package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

type maxPool struct{ kernel int }

// MaxPool2D is PyTorch's nn.MaxPool2d(kernel): the maximum of each kernel×kernel
// window, without overlap (the stride equals the kernel size). It turns an image
// [channels height width] into [channels height/kernel width/kernel]; rows and columns
// that do not fill a window are dropped. If several values are equal to the maximum,
// the gradient goes to the first of them in row-major order.
func MaxPool2D(kernel int) Layer { return maxPool{kernel} }

func (m maxPool) Kind() string { return "MaxPool2d" }

func (m maxPool) String() string {
	return fmt.Sprintf("MaxPool2d(kernel_size=%d, stride=%d, padding=0, dilation=1, ceil_mode=False)", m.kernel, m.kernel)
}

func (m maxPool) OutputShape(input []int) ([]int, error) {
	return pooledShape(m, m.kernel, input)
}

// pooledShape returns the output shape of a pooling layer whose windows do not overlap.
func pooledShape(layer Layer, kernel int, input []int) ([]int, error) {
	if kernel < 1 {
		return nil, fmt.Errorf("%v: kernel size %d, want at least 1", layer, kernel)
	}
	if err := checkImages(layer, input); err != nil {
		return nil, err
	}
	if input[1] < kernel || input[2] < kernel {
		return nil, fmt.Errorf("%v: an image of %d×%d, want at least %d×%d", layer, input[1], input[2], kernel, kernel)
	}
	return []int{input[0], input[1] / kernel, input[2] / kernel}, nil
}

// checkImages returns an error if a layer's input is not images.
func checkImages(layer Layer, input []int) error {
	if len(input) != 3 {
		return fmt.Errorf("%v: input of shape %v, want images [channels height width]", layer, input)
	}
	return nil
}

func (m maxPool) Parameters() []ParameterSpec { return nil }

func (m maxPool) Build(_ *Context, x *graph.Node) *graph.Node {
	return kernels.MaxPool2D(x, m.kernel)
}
