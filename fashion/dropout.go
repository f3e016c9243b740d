package fashion

import (
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

type dropout struct{ p float64 }

// Dropout is PyTorch's nn.Dropout(p): in training each value is set to zero
// with probability p and the others are divided by 1-p; in evaluation nothing
// changes. Which values drop is a function of the training's seed, the step
// and the position, the same on every backend.
func Dropout(p float64) Layer { return dropout{p} }

func (d dropout) Kind() string { return "Dropout" }

func (d dropout) String() string {
	return fmt.Sprintf("Dropout(p=%s, inplace=False)", strconv.FormatFloat(d.p, 'g', -1, 64))
}

func (d dropout) OutputShape(input []int) ([]int, error) {
	if !(d.p >= 0 && d.p < 1) {
		return nil, fmt.Errorf("%v: want 0 ≤ p < 1", d)
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
