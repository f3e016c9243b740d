package kernels

import . "github.com/gomlx/gomlx/core/graph"

// ReLU returns max(x, 0), with gradient 0 at 0.
func ReLU(x *Node) *Node {
	positive := GreaterThan(x, ScalarZero(x.Graph(), x.DType()))
	return Where(positive, x, ZerosLike(x))
}
