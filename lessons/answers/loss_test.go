package answers

import (
	"math"
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckLoss(t *testing.T) {
	type answer = func(logits []float64, label int) (float64, []float64)
	// value gives a wrong loss, and gradients gives wrong gradients.
	value := func(wrong func(z []float64, label int, loss float64) float64) answer {
		return func(z []float64, label int) (float64, []float64) {
			loss, gradients := lossOf(z, label)
			return wrong(z, label, loss), gradients
		}
	}
	gradients := func(wrong func(g []float64, label int)) answer {
		return func(z []float64, label int) (float64, []float64) {
			loss, g := lossOf(z, label)
			wrong(g, label)
			return loss, g
		}
	}
	testCheck(t, lossOf, lessons.CheckLoss, CheckLossFurther, []wrongCase[answer]{
		{"the stub", func([]float64, int) (float64, []float64) { panic("not implemented") }, "Loss is not written yet"},
		{"overflow", value(func(z []float64, label int, _ float64) float64 { return math.Log(exponentialTotal(z)) - z[label] }), "an exponential overflows"},
		{"the sign", value(func(_ []float64, _ int, loss float64) float64 { return -loss }), "the sign is wrong"},
		{"no right logit", value(func(z []float64, _ int, _ float64) float64 { return logSumExpOf(z) }), "the right logit is not subtracted"},
		{"the largest taken out", value(func(z []float64, _ int, loss float64) float64 { return loss - slices.Max(z) }), "not added again"},
		{"the probability", value(func(_ []float64, _ int, loss float64) float64 { return math.Exp(-loss) }), "this is the probability"},
		{"the label 0", value(func(z []float64, _ int, _ float64) float64 { return logitLoss(z, 0) }), "the loss of the label 0"},
		{"the mean", value(func(z []float64, _ int, loss float64) float64 { return loss / float64(len(z)) }), "divided by the number of classes"},
		{"another formula", value(func([]float64, int, float64) float64 { return 77 }), "the loss is the largest logit plus"},
		{"data only", gradients(func(g []float64, _ int) { clear(g) }), "Exp, Add, Log and Sub on the Values"},
		{"the right logit's data", gradients(func(g []float64, label int) { g[label]++ }), "the right logit is cut off"},
		{"math.Log", gradients(func(g []float64, label int) { clear(g); g[label] = -1 }), "log-sum-exp is cut off"},
		{"other gradients", gradients(func(g []float64, label int) { g[0] = 5 }), "softmax minus one-hot is what"},
	})
}
