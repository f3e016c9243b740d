package kernels

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// CrossEntropy returns the mean over the batch of -log softmax(logits)[label],
// a scalar, as PyTorch's CrossEntropyLoss: logits are [N, classes], labels are
// integers [N]. The largest logit of each row is subtracted first, so exponentials do
// not overflow. The gradient is (softmax(logits) - onehot(labels))/N.
func CrossEntropy(logits, labels *Node) *Node {
	n := float64(logits.Shape().Dimensions[0])
	return withGradient(
		func(in []*Node) *Node {
			return DivScalar(ReduceAllSum(crossEntropyEach(in[0], labels)), n)
		},
		func(_ int, v *Node) *Node {
			d := logits.Shape().Dimensions
			e := Exp(Sub(logits, BroadcastToDims(ReduceAndKeep(logits, ReduceMax, -1), d...)))
			softmax := Div(e, BroadcastToDims(ReduceAndKeep(e, ReduceSum, -1), d...))
			oneHot := OneHot(ConvertDType(labels, dtypes.Int32), d[1], logits.DType())
			return Mul(Sub(softmax, oneHot), BroadcastToDims(DivScalar(v, n), d...))
		},
		logits)
}

// crossEntropyEach returns -log softmax(logits)[label] for each row: [N].
func crossEntropyEach(logits, labels *Node) *Node {
	d := logits.Shape().Dimensions
	largest := StopGradient(ReduceAndKeep(logits, ReduceMax, -1))
	shifted := Sub(logits, BroadcastToDims(largest, d...))
	oneHot := OneHot(ConvertDType(labels, dtypes.Int32), d[1], logits.DType())
	return Sub(Log(ReduceSum(Exp(shifted), -1)), ReduceSum(Mul(shifted, oneHot), -1))
}
