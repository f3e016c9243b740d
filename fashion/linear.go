package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

type linear struct {
	in, out int
	bias    bool
	frozen  frozen
}

// LinearOption changes one of Linear's settings: NoBias or Frozen.
type LinearOption interface{ setLinear(*linear) }

// Linear is PyTorch's nn.Linear(in, out): y = x·Wᵀ + b, from [in] to [out]. The
// initial values of the weight [out in] and the bias [out] are drawn uniformly
// from ±1/√in.
func Linear(in, out int, options ...LinearOption) Layer {
	l := linear{in: in, out: out, bias: true}
	for _, option := range options {
		option.setLinear(&l)
	}
	return l
}

func (l linear) Kind() string { return "Linear" }

func (l linear) String() string {
	bias := "True"
	if !l.bias {
		bias = "False"
	}
	return fmt.Sprintf("Linear(in_features=%d, out_features=%d, bias=%s)", l.in, l.out, bias)
}

func (l linear) OutputShape(input []int) ([]int, error) {
	if err := l.frozen.check(); err != nil {
		return nil, fmt.Errorf("%v: %w", l, err)
	}
	if l.in < 1 || l.out < 1 {
		return nil, fmt.Errorf("%v: %d input and %d output features, want at least 1 of each", l, l.in, l.out)
	}
	if len(input) != 1 {
		return nil, fmt.Errorf("%v: input of shape %v, want [features]; put Flatten() before it", l, input)
	}
	if input[0] != l.in {
		return nil, fmt.Errorf("%v: input with %d features, want %d", l, input[0], l.in)
	}
	return []int{l.out}, nil
}

func (l linear) Parameters() []ParameterSpec {
	parameters := []ParameterSpec{{Name: "weight", Shape: []int{l.out, l.in}, InitialBound: fanInUniform(l.in), Trainable: true}}
	if l.bias {
		parameters = append(parameters, ParameterSpec{Name: "bias", Shape: []int{l.out}, InitialBound: fanInUniform(l.in), Trainable: true})
	}
	return l.frozen.apply(parameters)
}

func (l linear) Build(c *Context, x *graph.Node) *graph.Node {
	y := graph.DotGeneral(x, []int{1}, nil, c.Parameter("weight"), []int{1}, nil)
	if l.bias {
		y = graph.Add(y, graph.InsertAxes(c.Parameter("bias"), 0))
	}
	return y
}
