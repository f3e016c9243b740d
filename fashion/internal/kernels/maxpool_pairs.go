package kernels

import . "github.com/gomlx/gomlx/core/graph"

// This file computes max pooling with windows of 2×2 on GoMLX's Go backend, as the maximum
// of neighbouring columns and then of neighbouring rows. All copies are of whole blocks, and
// selections need no integers, for which this backend has slow loops only.

// pairPool is the maximum of each window of an image, and what its gradient needs.
type pairPool struct {
	height, width int // of the image
	columns, rows pair
	maximum       *Node
}

// pair holds the two halves of an image along an axis: its even and its odd rows or columns.
type pair struct{ even, odd *Node }

// newPairPool pools x [N, H, W, C]: the maximum is [N, H/2, W/2, C].
func newPairPool(x *Node) pairPool {
	d := x.Shape().Dimensions
	p := pairPool{height: d[1], width: d[2]}
	x = cut(x, span{0, d[0]}, span{0, d[1] / 2 * 2}, span{0, d[2] / 2 * 2})
	p.columns = halves(x, 2)
	p.rows = halves(Max(p.columns.even, p.columns.odd), 1)
	p.maximum = Max(p.rows.even, p.rows.odd)
	return p
}

// spread returns an image with the given values [N, H/2, W/2, C] at the first maximum of
// each window in row-major order, and zeros elsewhere.
func (p pairPool) spread(values *Node) *Node {
	dx := p.columns.spread(p.rows.spread(values, 1), 2)
	d := dx.Shape().Dimensions
	return padEnd(dx, p.height-d[1], p.width-d[2])
}

// halves divides x along an axis.
func halves(x *Node, axis int) pair {
	d := x.Shape().Dimensions
	result := append([]int{}, d...)
	result[axis] /= 2
	before, after := 1, 1
	for _, n := range result[:axis+1] {
		before *= n
	}
	for _, n := range d[axis+1:] {
		after *= n
	}
	x = Reshape(x, before, 2, after)
	return pair{Reshape(cut(x, span{0, before}, span{0, 1}), result...), Reshape(cut(x, span{0, before}, span{1, 1}), result...)}
}

// spread places each value at the larger one of the pair, or at the even one if they are equal.
func (p pair) spread(values *Node, axis int) *Node {
	even := Where(GreaterOrEqual(p.even, p.odd), values, ZerosLike(values))
	d := append([]int{}, values.Shape().Dimensions...)
	parts := append([]int{}, d[:axis+1]...)
	parts = append(append(parts, 1), d[axis+1:]...)
	both := Concatenate([]*Node{Reshape(even, parts...), Reshape(Sub(values, even), parts...)}, axis+1)
	d[axis] *= 2
	return Reshape(both, d...)
}
