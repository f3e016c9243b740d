package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

type linear struct{ in, out int }

// Linear is PyTorch's nn.Linear(in, out): y = x·Wᵀ + b with weight [out in] and
// bias [out], both drawn at first uniformly from ±1/√in.
func Linear(in, out int) Layer { return linear{in, out} }

func (l linear) Kind() string { return "Linear" }

func (l linear) String() string {
	return fmt.Sprintf("Linear(in_features=%d, out_features=%d, bias=True)", l.in, l.out)
}

func (l linear) OutputShape(input []int) ([]int, error) {
	if l.in < 1 || l.out < 1 {
		return nil, fmt.Errorf("%v needs at least one input and one output feature", l)
	}
	if len(input) != 1 {
		return nil, fmt.Errorf("%v takes one axis of features, got shape %v: put Flatten() before it", l, input)
	}
	if input[0] != l.in {
		return nil, fmt.Errorf("%v takes %d features, got %d", l, l.in, input[0])
	}
	return []int{l.out}, nil
}

func (l linear) Parameters() []ParameterSpec {
	return []ParameterSpec{
		{Name: "weight", Shape: []int{l.out, l.in}, InitialBound: fanInUniform(l.in), Trainable: true},
		{Name: "bias", Shape: []int{l.out}, InitialBound: fanInUniform(l.in), Trainable: true},
	}
}

func (l linear) Build(c *Context, x *graph.Node) *graph.Node {
	y := graph.DotGeneral(x, []int{1}, nil, c.Parameter("weight"), []int{1}, nil)
	return graph.Add(y, graph.InsertAxes(c.Parameter("bias"), 0))
}
