package forward

import "math"

// Activation applies a function to each value.
type Activation struct {
	// GELU is the form of PyTorch's nn.GELU, "none" or "tanh". If it is "", the function is x for
	// x > 0 and Slope·x otherwise.
	GELU  string  `json:"gelu,omitempty"`
	Slope float32 `json:"slope,omitempty"`
}

func (a *Activation) forward(x []float32) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i], _ = a.at(v)
	}
	return y
}

func (a *Activation) backward(x, dy []float32) []float32 {
	dx := make([]float32, len(x))
	for i, v := range x {
		_, slope := a.at(v)
		dx[i] = slope * dy[i]
	}
	return dx
}

// at returns the function's value and slope.
func (a *Activation) at(v float32) (value, slope float32) {
	x := float64(v)
	switch a.GELU {
	case "tanh":
		const c = 0.044715
		root := math.Sqrt(2 / math.Pi)
		t := math.Tanh(root * (x + c*x*x*x))
		return float32(x / 2 * (1 + t)), float32((1+t)/2 + x/2*(1-t*t)*root*(1+3*c*x*x))
	case "none":
		p := (1 + math.Erf(x/math.Sqrt2)) / 2
		return float32(x * p), float32(p + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi))
	}
	if v > 0 {
		return v, 1
	}
	return a.Slope * v, a.Slope
}
