package kernels

import . "github.com/gomlx/gomlx/core/graph"

// BatchNorm normalises x over all axes except the last (N, H and W of
// [N, H, W, C], or N of [N, C]) with the mean and variance of the batch:
//
//	y = (x - mean) / √(variance + eps) · gamma + beta
//
// gamma and beta are [C], as are the returned mean and variance; the variance is
// the biased one (divided by the number m of elements), as in PyTorch. PyTorch's
// running variance takes the unbiased one, variance·m/(m-1). The gradient with
// respect to x, gamma and beta is written by hand:
//
//	dbeta = Σ dy,  dgamma = Σ dy·x̂,  dx = gamma/√(variance + eps) · (dy - dbeta/m - x̂·dgamma/m)
//
// (Ioffe and Szegedy, 2015). No gradient flows through mean and variance.
func BatchNorm(x, gamma, beta *Node, eps float64) (y, mean, variance *Node) {
	m := float64(x.Shape().Size() / x.Shape().Dimensions[x.Rank()-1])
	mean, variance = channelMoments(StopGradient(x))
	inverse := Reciprocal(Sqrt(AddScalar(variance, eps))) // 1/σ

	forward := func(in []*Node) *Node {
		scale := Mul(in[1], inverse)
		shift := Sub(in[2], Mul(mean, scale))
		return Add(Mul(in[0], AlongChannels(scale, x)), AlongChannels(shift, x))
	}
	var dGamma, dBeta *Node
	gradient := func(input int, dy *Node) *Node {
		if dBeta == nil {
			dBeta = sumToChannels(dy)
			dGamma = Mul(sumToChannels(Mul(dy, Sub(x, AlongChannels(mean, x)))), inverse)
		}
		switch input {
		case 1:
			return dGamma
		case 2:
			return dBeta
		}
		// dx = a·dy + b·x + c with a, b, c for each channel.
		a := Mul(gamma, inverse)
		b := Neg(Mul(a, Mul(inverse, DivScalar(dGamma, m))))
		c := Neg(Add(Mul(a, DivScalar(dBeta, m)), Mul(b, mean)))
		return Add(Mul(dy, AlongChannels(a, x)), Add(Mul(x, AlongChannels(b, x)), AlongChannels(c, x)))
	}
	y = withGradient(forward, gradient, x, gamma, beta)
	return y, mean, variance
}

// channelMoments returns the mean and the biased variance [C] of x [..., C] over all
// axes except the last. The variance is computed from the centred values, since the
// difference of the mean square and the squared mean would lose digits.
func channelMoments(x *Node) (mean, variance *Node) {
	m := float64(x.Shape().Size() / x.Shape().Dimensions[x.Rank()-1])
	mean = DivScalar(sumToChannels(x), m)
	variance = DivScalar(sumToChannels(Square(Sub(x, AlongChannels(mean, x)))), m)
	return mean, variance
}

// sumToChannels sums over all axes except the last.
func sumToChannels(x *Node) *Node {
	d := x.Shape().Dimensions
	if x.Rank() != 4 {
		return ReduceSum(x, 0)
	}
	flat := Reshape(x, d[0], d[1]*d[2], d[3])
	// Sum each image, then the batch: one running sum of a hundred thousand float32
	// values would lose three more digits.
	return ReduceSum(ReduceSum(flat, 1), 0)
}

// AlongChannels broadcasts a vector [C] to the shape of x [..., C].
func AlongChannels(v, x *Node) *Node {
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[len(dims)-1] = v.Shape().Dimensions[0]
	return BroadcastToDims(Reshape(v, dims...), x.Shape().Dimensions...)
}
