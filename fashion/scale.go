package fashion

import (
	"errors"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

type scale struct{ factor float64 }

// Scale multiplies by a constant factor, for example Scale(1.0/8) the logits of airbench
// (Jordan 2024, https://arxiv.org/abs/2404.00498). PyTorch has no module for it: a script
// writes x * factor in forward.
func Scale(factor float64) Layer { return scale{factor} }

func (scale) Kind() string                { return "Scale" }
func (s scale) String() string            { return "Scale(factor=" + pythonFloat(s.factor) + ")" }
func (scale) Parameters() []ParameterSpec { return nil }

func (s scale) OutputShape(input []int) ([]int, error) {
	if err := checkNumber(s.factor); err != nil {
		return nil, fmt.Errorf("%v: %w", s, err)
	}
	return input, nil
}

func (s scale) Build(_ *Context, x *Node) *Node { return MulScalar(x, s.factor) }

type normalize struct{ mean, deviation float64 }

// Normalize is torchvision's transforms.v2.Normalize([mean], [deviation]) as a layer:
// (x - mean) / deviation, for example Normalize(0.2860, 0.3530) for the pixels of
// Fashion-MNIST's training images in [0, 1]. A deviation of 0 is an error.
func Normalize(mean, deviation float64) Layer { return normalize{mean, deviation} }

func (normalize) Kind() string { return "Normalize" }

func (n normalize) String() string {
	return fmt.Sprintf("Normalize(mean=[%s], std=[%s], inplace=False)", pythonFloat(n.mean), pythonFloat(n.deviation))
}

func (normalize) Parameters() []ParameterSpec { return nil }

func (n normalize) OutputShape(input []int) ([]int, error) {
	if err := errors.Join(checkNumber(n.mean), checkNumber(n.deviation)); err != nil || n.deviation == 0 {
		return nil, fmt.Errorf("%v: want finite numbers and a deviation other than 0", n)
	}
	return input, nil
}

func (n normalize) Build(_ *Context, x *Node) *Node {
	return DivScalar(AddScalar(x, -n.mean), n.deviation)
}
