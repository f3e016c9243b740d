package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckCrossEntropyFromLogits(t *testing.T) {
	type answer = func(z []float64, label int) float64
	testCheck(t, logitLoss, lessons.CheckCrossEntropyFromLogits, CheckCrossEntropyFromLogitsFurther, []wrongCase[answer]{
		{"the stub", func([]float64, int) float64 { panic("not implemented") }, "CrossEntropyFromLogits is not written yet"},
		{"the sign", func(z []float64, label int) float64 { return z[label] - logSumExpOf(z) }, "the sign is wrong"},
		{"added", func(z []float64, label int) float64 { return z[label] + logSumExpOf(z) }, "the logit of the right class is added"},
		{"without the label", func(z []float64, _ int) float64 { return logSumExpOf(z) }, "the logit of the right class is missing"},
		{"without the sum", func(z []float64, label int) float64 { return -z[label] }, "ln Σ e^z is missing"},
		{"bits", func(z []float64, label int) float64 { return logitLoss(z, label) / math.Ln2 }, "this is in bits"},
		{"the mean", func(z []float64, label int) float64 { return logitLoss(z, label) / float64(len(z)) }, "not a mean"},
		{"the probability", func(z []float64, label int) float64 { return softmaxOf(z)[label] }, "this is the probability of the right class"},
		{"1-p", func(z []float64, label int) float64 { return 1 - softmaxOf(z)[label] }, "1-p grows to 1 at most"},
		{"the predicted class", func(z []float64, _ int) float64 { return logitLoss(z, largest(z)) }, "the loss of the predicted class"},
		{"the others only", func(z []float64, label int) float64 {
			return math.Log(exponentialSum(z) - math.Exp(z[label]))
		}, "the right class is missing in the sum"},
		{"the logarithm of softmax", func(z []float64, label int) float64 { return -math.Log(softmaxOf(z)[label]) }, "becomes 0, whose logarithm is infinite"},
		{"by the formula", func(z []float64, label int) float64 { return -math.Log(byFormula(z)[label]) }, "an exponential became +Inf, or all became 0"},
		{"another formula", func([]float64, int) float64 { return 42 }, "the loss is `LogSumExp(logits)` minus `logits[label]`"},
	})
}
