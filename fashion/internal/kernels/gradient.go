package kernels

import . "github.com/gomlx/gomlx/core/graph"

// withGradient returns f(inputs), whose gradient with respect to each input is
// what gradient returns instead of what GoMLX would derive from f.
//
// gradient is given the index of an input and the adjoint of the result, and
// returns the adjoint of that input; it is called only for the inputs whose
// gradient is asked for. GoMLX offers custom gradients for nodes of one input
// only (IdentityWithCustomGradient). Several inputs take one such node at the
// output, which keeps the adjoint, and one at each input, which puts the
// custom gradient in place of the derived one. The derived gradient's nodes are
// left without any use, and both XLA and the Go backend drop such nodes before
// they run anything. f must be differentiable by GoMLX, or the path to its inputs
// is not followed.
func withGradient(f func(inputs []*Node) *Node, gradient func(input int, adjoint *Node) *Node, inputs ...*Node) *Node {
	var adjoint *Node
	tied := make([]*Node, len(inputs))
	for i, input := range inputs {
		tied[i] = IdentityWithCustomGradient(input, func(_, _ *Node) *Node { return gradient(i, adjoint) })
	}
	return IdentityWithCustomGradient(f(tied), func(_, v *Node) *Node {
		adjoint = v
		return v
	})
}
