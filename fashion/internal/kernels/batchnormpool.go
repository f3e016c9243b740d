package kernels

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// BatchNormReLUMaxPool returns MaxPool(relu(BatchNorm(x))) for images
// x [N, H, W, C] and windows of 2×2 with stride 2, with the batch's mean and
// biased variance, as BatchNorm does.
//
// Computing the three together is faster. Normalisation is a scale and a shift for
// each channel, and ReLU is monotonic, so ReLU and the second half of the
// normalisation can follow the pooling, with a quarter of the elements. In the
// gradient, the sums over all elements,
//
//	dbeta = Σ dy  and  dgamma = Σ dy·x̂,
//
// have terms only at the chosen elements, so they are also sums over the pooled
// image. One pass over the full image remains, which writes
// dx = gamma/σ·(dy - dbeta/m - x̂·dgamma/m).
func BatchNormReLUMaxPool(x, gamma, beta *Node, eps float64) (y, mean, variance *Node) {
	if platformOf(x.Graph().Backend()) == platformGo {
		return batchNormReLUPairPool(x, gamma, beta, eps)
	}
	const size = 2
	mean, variance = channelMoments(StopGradient(x))
	inverse := Reciprocal(Sqrt(AddScalar(variance, eps)))

	var pooled *Node // the largest normalised value of each window
	forward := func(in []*Node) *Node {
		normalised := scaleAndShift(in[1], in[2], mean, inverse)
		for _, view := range poolViews(in[0], size) {
			if value := normalised(view); pooled == nil {
				pooled = value
			} else {
				pooled = Max(pooled, value)
			}
		}
		return MaxScalar(pooled, 0)
	}
	var dGamma, dBeta, upstream, first *Node
	backward := func(dy *Node) {
		normalised := scaleAndShift(gamma, beta, mean, inverse)
		// The adjoint of the pooled values, the index of the element that receives
		// it, and the value of this element before normalisation.
		views := poolViews(x, size)
		var best, index, value *Node
		g := x.Graph()
		for i, view := range views {
			here := normalised(view)
			number := BroadcastToDims(Scalar(g, dtypes.Int32, float64(i)), here.Shape().Dimensions...)
			if i == 0 {
				best, index, value = here, number, view
				continue
			}
			larger := GreaterThan(here, best) // the first of equal values counts
			best, index, value = Max(best, here), Where(larger, number, index), Where(larger, view, value)
		}
		upstream = Where(GreaterThan(best, ZerosLike(best)), dy, ZerosLike(dy))
		upstream, first, value = materialise(upstream), materialise(index), materialise(value)
		dBeta = sumToChannels(upstream)
		dGamma = Mul(sumToChannels(Mul(upstream, Sub(value, AlongChannels(mean, value)))), inverse)
	}
	gradient := func(input int, dy *Node) *Node {
		if dBeta == nil {
			backward(dy)
		}
		switch input {
		case 1:
			return dGamma
		case 2:
			return dBeta
		}
		m := float64(x.Shape().Size() / x.Shape().Dimensions[3])
		a := Mul(gamma, inverse)
		b := Neg(Mul(a, Mul(inverse, DivScalar(dGamma, m))))
		c := Neg(Add(Mul(a, DivScalar(dBeta, m)), Mul(b, mean)))
		scaled := Mul(upstream, AlongChannels(a, upstream))
		return Add(spreadToTiles(x, first, scaled, size), Add(Mul(x, AlongChannels(b, x)), AlongChannels(c, x)))
	}
	y = withGradient(forward, gradient, x, gamma, beta)
	return y, mean, variance
}

// batchNormReLUPairPool is BatchNormReLUMaxPool by pairPool.
func batchNormReLUPairPool(x, gamma, beta *Node, eps float64) (y, mean, variance *Node) {
	m := float64(x.Shape().Size() / x.Shape().Dimensions[3])
	mean = DivScalar(sumToChannels(StopGradient(x)), m)
	centred := Sub(StopGradient(x), AlongChannels(mean, x))
	variance = DivScalar(sumToChannels(Square(centred)), m)
	inverse := Reciprocal(Sqrt(AddScalar(variance, eps)))
	var pool pairPool
	forward := func(in []*Node) *Node {
		pool = newPairPool(Add(Mul(centred, AlongChannels(Mul(in[1], inverse), x)), AlongChannels(in[2], x)))
		return MaxScalar(pool.maximum, 0)
	}
	var dGamma, dBeta, upstream *Node // upstream is the adjoint of the normalised values
	gradient := func(input int, dy *Node) *Node {
		if dBeta == nil {
			positive := GreaterThan(pool.maximum, ScalarZero(x.Graph(), x.DType()))
			pooled := Where(positive, dy, ZerosLike(dy))
			upstream = pool.spread(pooled)
			dBeta = sumToChannels(pooled)
			dGamma = Mul(sumToChannels(Mul(upstream, centred)), inverse)
		}
		switch input {
		case 1:
			return dGamma
		case 2:
			return dBeta
		}
		a := Mul(gamma, inverse)
		b := Neg(Mul(a, Mul(inverse, DivScalar(dGamma, m))))
		c := Neg(Mul(a, DivScalar(dBeta, m)))
		return Add(Mul(upstream, AlongChannels(a, x)), Add(Mul(centred, AlongChannels(b, x)), AlongChannels(c, x)))
	}
	y = withGradient(forward, gradient, x, gamma, beta)
	return y, mean, variance
}

// scaleAndShift returns the function that normalises values [..., C].
func scaleAndShift(gamma, beta, mean, inverse *Node) func(x *Node) *Node {
	scale := Mul(gamma, inverse)
	shift := Sub(beta, Mul(mean, scale))
	return func(x *Node) *Node { return Add(Mul(x, AlongChannels(scale, x)), AlongChannels(shift, x)) }
}

// materialise prevents XLA from computing a value again for each use.
func materialise(x *Node) *Node {
	if platformOf(x.Graph().Backend()) == platformXLACPU {
		return OptimizationBarrier(x)
	}
	return x
}
