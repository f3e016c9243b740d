package fashion

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// ConvConfig says how a convolution moves over its input: vertical, horizontal.
type ConvConfig struct {
	Stride, Dilation, Padding [2]int
	PaddingMode               PaddingMode
	Groups                    int
}

func convolve(x, w *Node, cfg ConvConfig) *Node {
	k := TransposeAllAxes(w, 2, 3, 1, 0)
	p := cfg.Padding
	return Convolve(x, k).StridePerAxis(cfg.Stride[:]...).PaddingPerDim([][2]int{{p[0], p[0]}, {p[1], p[1]}}).Done()
}

func maxPool2D(x *Node, k int) *Node { return MaxPool(x).Window(k).Done() }

func batchNormTraining(x, gamma, beta *Node, eps float64) (y, mean, variance *Node) {
	axes := []int{0, 1, 2}[:x.Rank()-1]
	mean = ReduceMean(x, axes...)
	d := Sub(x, InsertAxes(mean, make([]int, x.Rank()-1)...))
	variance = ReduceMean(Mul(d, d), axes...)
	s := Div(gamma, Sqrt(AddScalar(variance, eps)))
	y = Add(Mul(d, InsertAxes(s, make([]int, x.Rank()-1)...)), InsertAxes(beta, make([]int, x.Rank()-1)...))
	return
}

func batchNormInference(x, gamma, beta, mean, variance *Node, eps float64) *Node {
	s := Div(gamma, Sqrt(AddScalar(variance, eps)))
	t := Sub(beta, Mul(mean, s))
	ex := make([]int, x.Rank()-1)
	return Add(Mul(x, InsertAxes(s, ex...)), InsertAxes(t, ex...))
}

func dropoutGraph(x *Node, p float64, seed, step *Node, stream int) *Node { return x }
