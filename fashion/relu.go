package fashion

import (
	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

type relu struct{}

// ReLU is PyTorch's nn.ReLU(): max(x, 0), with gradient 0 at 0.
func ReLU() Layer { return relu{} }

func (relu) Kind() string                           { return "ReLU" }
func (relu) String() string                         { return "ReLU()" }
func (relu) OutputShape(input []int) ([]int, error) { return input, nil }
func (relu) Parameters() []ParameterSpec            { return nil }
func (relu) Build(_ *Context, x *graph.Node) *graph.Node {
	return kernels.ReLU(x)
}
