package fashion

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Convolution slides kernels over images and returns the sums of products, as
// torch.nn.functional.conv2d does: images have shape [n in height width],
// kernels [out in/groups size size], the result [n out height' width']. The
// options are those of Conv2D; NoBias changes nothing, there is no bias.
//
// It is for looking at what a convolution does; models are made of Conv2D.
func Convolution(images, kernels *Tensor, options ...ConvOption) (*Tensor, error) {
	if len(images.Shape) != 4 || len(kernels.Shape) != 4 || kernels.Shape[2] != kernels.Shape[3] {
		return nil, fmt.Errorf("convolution of %v with %v: want images [n in height width] and kernels [out in/groups size size]", images.Shape, kernels.Shape)
	}
	layer := Conv2D(images.Shape[1], kernels.Shape[0], kernels.Shape[2], options...).(conv2D)
	if _, err := layer.Output(images.Shape[1:]); err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	if want := images.Shape[1] / layer.groups; kernels.Shape[1] != want {
		return nil, fmt.Errorf("convolution: the kernels %v have %d input channels, want %d: %d channels in %d groups",
			kernels.Shape, kernels.Shape[1], want, images.Shape[1], layer.groups)
	}
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, func(x, w *Node) *Node {
		return TransposeAllAxes(layer.apply(TransposeAllAxes(x, 0, 2, 3, 1), w), 0, 3, 1, 2)
	})
	if err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	defer exec.Finalize()
	out, err := exec.Call(toTensor(images), toTensor(kernels))
	if err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	return fromTensor(out[0])
}
