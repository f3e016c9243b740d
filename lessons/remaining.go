package lessons

import "math"

// The references in this file are those that checks call which are not tables yet.

// largest is the reference: the first position of the largest value.
func largest(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}

// softmaxOf is the reference.
func softmaxOf(z []float64) []float64 {
	top := z[largest(z)]
	p := make([]float64, len(z))
	sum := 0.0
	for i, v := range z {
		p[i] = math.Exp(v - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// linear is the reference: z_i = b_i + Σ_p w_ip·x_p.
func linear(weights [][]float64, biases, x []float64) []float64 {
	z := make([]float64, len(weights))
	for i, row := range weights {
		z[i] = biases[i]
		for p, w := range row {
			z[i] += w * x[p]
		}
	}
	return z
}

// scaleOf applies f to each byte.
func scaleOf(pixels []byte, f func(float64) float64) []float64 {
	out := make([]float64, len(pixels))
	for i, v := range pixels {
		out[i] = f(float64(v))
	}
	return out
}

// lossGradient is the reference: ∂/∂z of logitLoss.
func lossGradient(z []float64, label int) []float64 {
	g := softmaxOf(z)
	g[label]--
	return g
}

// logitLoss is the reference.
func logitLoss(z []float64, label int) float64 {
	return logSumExpOf(z) - z[label]
}

// logSumExpOf is the reference.
func logSumExpOf(z []float64) float64 {
	top := z[largest(z)]
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}

// outputSize is the formula of torch.nn.Conv2d for dilation 1.
func outputSize(size, kernel, padding, stride int) int {
	return (size+2*padding-kernel)/stride + 1
}
