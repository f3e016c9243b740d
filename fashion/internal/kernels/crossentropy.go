package kernels

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// CrossEntropy returns the mean over the batch of -log softmax(logits)[label],
// a scalar, as PyTorch's CrossEntropyLoss: logits are [N, classes], labels are
// integers [N]. The largest logit of each row is subtracted first, so exponentials do
// not overflow. The gradient is (softmax(logits) - targets)/N, where targets are the one-hot
// labels.
//
// smoothing is PyTorch's label_smoothing, in [0, 1): the targets are (1 - smoothing) times the
// one-hot labels, plus smoothing/classes for each class.
func CrossEntropy(logits, labels *Node, smoothing float64) *Node {
	n := float64(logits.Shape().Dimensions[0])
	return withGradient(
		func(in []*Node) *Node {
			each := crossEntropyEach(in[0], labels)
			if smoothing != 0 {
				each = Add(MulScalar(each, 1-smoothing), MulScalar(uniformCrossEntropyEach(in[0]), smoothing))
			}
			return DivScalar(ReduceAllSum(each), n)
		},
		func(_ int, v *Node) *Node {
			d := logits.Shape().Dimensions
			e := Exp(Sub(logits, BroadcastToDims(ReduceAndKeep(logits, ReduceMax, -1), d...)))
			softmax := Div(e, BroadcastToDims(ReduceAndKeep(e, ReduceSum, -1), d...))
			targets := OneHot(ConvertDType(labels, dtypes.Int32), d[1], logits.DType())
			if smoothing != 0 {
				targets = AddScalar(MulScalar(targets, 1-smoothing), smoothing/float64(d[1]))
			}
			return Mul(Sub(softmax, targets), BroadcastToDims(DivScalar(v, n), d...))
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

// uniformCrossEntropyEach returns the mean over the classes of -log softmax(logits) for each row:
// [N].
func uniformCrossEntropyEach(logits *Node) *Node {
	d := logits.Shape().Dimensions
	largest := StopGradient(ReduceAndKeep(logits, ReduceMax, -1))
	shifted := Sub(logits, BroadcastToDims(largest, d...))
	return Sub(Log(ReduceSum(Exp(shifted), -1)), DivScalar(ReduceSum(shifted, -1), float64(d[1])))
}
