package kernels

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Dropout sets each element of x to zero with probability p and multiplies the
// others by 1/(1-p), as PyTorch's Dropout does in training mode. The choice of elements
// depends on seed, layer and step, an integer scalar; see dropoutMask.
func Dropout(x, step *Node, seed uint64, layer int, p float64) *Node {
	switch {
	case p <= 0:
		return x
	case p >= 1:
		return MulScalar(x, 0)
	}
	keep := dropoutMask(step, x.Shape().Dimensions, seed, layer, p)
	return withGradient(
		func(in []*Node) *Node { return Where(keep, MulScalar(in[0], 1/(1-p)), ZerosLike(in[0])) },
		func(_ int, dy *Node) *Node { return Where(keep, MulScalar(dy, 1/(1-p)), ZerosLike(dy)) },
		x)
}

// dropoutMask returns a boolean for each element of a tensor with the given
// dimensions: true, with probability 1-p, for those to keep.
//
// The element's number, the layer, the step and the seed are hashed. So there is no
// state between steps, a resumed training has the same masks as an uninterrupted one,
// and all backends give the same masks. The hash is lowbias32 (Chris Wellons,
// "Prospecting for Hash Functions", 2018). Half of a 64-bit key is added before its
// first round and half before its second: with one half only, the masks of two steps
// could be shifted copies of each other.
func dropoutMask(step *Node, dimensions []int, seed uint64, layer int, p float64) *Node {
	g := step.Graph()
	constant := func(v uint32) *Node { return Const(g, v) }
	// Two words that depend on everything except the element. The constants are
	// 2³²/φ and those of lowbias32.
	base := uint64(layer+1)*0x9e3779b97f4a7c15 ^ seed
	base = (base ^ base>>30) * 0xbf58476d1ce4e5b9
	base = (base ^ base>>27) * 0x94d049bb133111eb
	base ^= base >> 31
	step = ConvertDType(step, dtypes.Uint32)
	key1 := lowbias32(Add(Mul(step, constant(0x9e3779b9)), constant(uint32(base))), nil)
	key2 := lowbias32(BitwiseXor(key1, constant(uint32(base>>32))), nil)

	size := shapes.Make(dtypes.Uint32, dimensions...).Size()
	element := Iota(g, shapes.Make(dtypes.Uint32, size), 0)
	hash := lowbias32(BitwiseXor(element, BroadcastToDims(key1, size)), key2)
	threshold := constant(uint32(min(math.Round(p*(1<<32)), math.MaxUint32)))
	return Reshape(GreaterOrEqual(hash, BroadcastToDims(threshold, size)), dimensions...)
}

// lowbias32 hashes 32 bits; a key that is not nil is added between the rounds.
func lowbias32(h, key *Node) *Node {
	g := h.Graph()
	spread := func(v *Node) *Node {
		if h.IsScalar() {
			return v
		}
		return BroadcastToDims(v, h.Shape().Dimensions...)
	}
	shift := func(bits uint32) { h = BitwiseXor(h, BitwiseShiftRightLogical(h, spread(Const(g, bits)))) }
	shift(16)
	h = Mul(h, spread(Const(g, uint32(0x7feb352d))))
	if key != nil {
		h = Add(h, spread(key))
	}
	shift(15)
	h = Mul(h, spread(Const(g, uint32(0x846ca68b))))
	shift(16)
	return h
}
