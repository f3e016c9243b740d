package forward

import "slices"

// Residual adds the outputs of two lists of steps for the same input. An empty list gives the input.
type Residual struct {
	Branch   []Step `json:"branch"`
	Shortcut []Step `json:"shortcut,omitempty"`
}

func (r *Residual) forward(x []float32) []float32 {
	return sum(apply(r.Branch, x), apply(r.Shortcut, x))
}

func (r *Residual) backward(x, dy []float32) []float32 {
	same := func([]float32) []float32 { return dy }
	return sum(gradient(r.Branch, x, same), gradient(r.Shortcut, x, same))
}

func sum(a, b []float32) []float32 {
	total := slices.Clone(a)
	for i, v := range b {
		total[i] += v
	}
	return total
}
