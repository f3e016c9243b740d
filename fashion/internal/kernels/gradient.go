package kernels

import . "github.com/gomlx/gomlx/core/graph"

// withGradient returns f(inputs) with a custom gradient: the function gradient replaces
// the gradient with respect to each input that GoMLX would derive from f.
//
// gradient receives the index of an input and the adjoint of the result, and returns
// the adjoint of that input. It is called only for the inputs whose gradient is needed.
// GoMLX supports custom gradients only for nodes with one input
// (IdentityWithCustomGradient). For several inputs, one such node at the output stores
// the adjoint, and one at each input replaces the derived gradient by the custom one.
// The nodes of the derived gradient are then unused, and both XLA and the Go backend
// remove unused nodes before execution. GoMLX must be able to differentiate f, since
// otherwise it does not reach the inputs, except on the Go backend; see reach.
func withGradient(f func(inputs []*Node) *Node, gradient func(input int, adjoint *Node) *Node, inputs ...*Node) *Node {
	var adjoint *Node
	tied := make([]*Node, len(inputs))
	for i, input := range inputs {
		tied[i] = IdentityWithCustomGradient(input, func(_, _ *Node) *Node { return gradient(i, adjoint) })
	}
	return IdentityWithCustomGradient(reach(f, tied), func(_, v *Node) *Node {
		adjoint = v
		return v
	})
}

// reach returns f(inputs). On the Go backend GoMLX differentiates a selection between f's
// result and one number of each input, which is never taken, instead of f.
func reach(f func(inputs []*Node) *Node, inputs []*Node) *Node {
	g := inputs[0].Graph()
	if platformOf(g.Backend()) != platformGo {
		return f(inputs)
	}
	numbers := ScalarZero(g, inputs[0].DType())
	for _, input := range inputs {
		first := make([]SliceAxisSpec, input.Rank())
		for axis := range first {
			first[axis] = AxisElem(0)
		}
		numbers = Add(numbers, Reshape(Slice(input, first...)))
	}
	return Where(Const(g, true), StopGradient(f(inputs)), numbers)
}
