package fashion

import (
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

type dropout struct{ p float64 }

// Dropout is PyTorch's nn.Dropout(p): in training it sets each value to zero
// with probability p and divides the others by 1-p; in evaluation it changes
// nothing. The choice of values depends only on the seed, the training step and
// the position, and is the same on every backend. p must lie in [0, 1).
func Dropout(p float64) Layer { return dropout{p} }

func (d dropout) Kind() string { return "Dropout" }

func (d dropout) String() string {
	return fmt.Sprintf("Dropout(p=%s, inplace=False)", strconv.FormatFloat(d.p, 'g', -1, 64))
}

func (d dropout) OutputShape(input []int) ([]int, error) {
	if !(d.p >= 0 && d.p < 1) {
		return nil, fmt.Errorf("%v: p is %v, want 0 ≤ p < 1", d, d.p)
	}
	return input, nil
}

func (d dropout) Parameters() []ParameterSpec { return nil }

func (d dropout) Build(c *Context, x *graph.Node) *graph.Node {
	stream := c.dropouts
	c.dropouts++
	if !c.Training() || d.p == 0 {
		return x
	}
	return kernels.Dropout(x, c.step, c.seed, stream, d.p)
}
