package fashion

import (
	"math"

	"fashionlab/fashion/internal/random"
)

// Initial says how the first values of a parameter are drawn.
type Initial struct {
	// Bound b draws uniformly from [-b, b); 0 sets every value to Value.
	Bound float64
	// Value is the constant used when Bound is 0.
	Value float64
}

// fanInUniform is PyTorch's initial distribution for the weights and the bias
// of nn.Linear and nn.Conv2d: uniform in ±1/√fanIn, where fanIn is the number
// of inputs that one output sums over. (PyTorch's reset_parameters draws the
// weights by kaiming_uniform_ with a=√5, whose bound √(6/((1+5)·fanIn)) is the
// same 1/√fanIn.)
func fanInUniform(fanIn int) Initial {
	return Initial{Bound: 1 / math.Sqrt(float64(fanIn))}
}

func constant(v float64) Initial { return Initial{Value: v} }

// draw fills a tensor.
func (in Initial) draw(source *random.Source, t *Tensor) {
	for i := range t.Data {
		if in.Bound == 0 {
			t.Data[i] = float32(in.Value)
			continue
		}
		t.Data[i] = float32((2*source.Unit() - 1) * in.Bound)
	}
}
