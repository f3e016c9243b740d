package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckLogSumExp(t *testing.T) {
	type answer = func([]float64) float64
	top := func(z []float64) float64 { return z[largest(z)] }
	testCheck(t, logSumExpOf, lessons.CheckLogSumExp, CheckLogSumExpFurther, []wrongCase[answer]{
		{"the stub", func([]float64) float64 { panic("not implemented") }, "LogSumExp is not written yet"},
		{"by the formula", func(z []float64) float64 { return math.Log(exponentialSum(z)) }, "e^1001 is more than a float64 holds"},
		{"large ones only", func(z []float64) float64 {
			if top(z) > 0 {
				return logSumExpOf(z)
			}
			return math.Log(exponentialSum(z))
		}, "the logarithm of 0 is -Inf"},
		{"not added again", func(z []float64) float64 { return logSumExpOf(z) - top(z) }, "subtracted and not added again"},
		{"subtracted twice", func(z []float64) float64 { return logSumExpOf(z) - 2*top(z) }, "subtracted twice"},
		{"added only", func(z []float64) float64 { return math.Log(exponentialSum(z)) + top(z) }, "was not subtracted from the exponents"},
		{"no logarithm", exponentialSum, "this is the sum of the exponentials; take"},
		{"no logarithm, subtracted", func(z []float64) float64 { return math.Exp(logSumExpOf(z) - top(z)) }, "after the largest logit was subtracted"},
		{"the mean", func(z []float64) float64 { return logSumExpOf(z) - math.Log(float64(len(z))) }, "the logarithm of the mean"},
		{"base 2", func(z []float64) float64 { return logSumExpOf(z) / math.Ln2 }, "to base 2"},
		{"base 10", func(z []float64) float64 { return logSumExpOf(z) / math.Ln10 }, "to base 10"},
		{"no exponentials", func(z []float64) float64 { return math.Log(total(z)) }, "the exponentials are missing"},
		{"logarithms added", total, "the logarithm of each exponential is its logit"},
		{"the largest", top, "the largest logit alone"},
		{"the first taken out", func(z []float64) float64 {
			sum := 0.0
			for _, v := range z {
				sum += math.Exp(v - z[len(z)-1])
			}
			return z[len(z)-1] + math.Log(sum)
		}, "what is taken out is not the largest"},
		{"another formula", func([]float64) float64 { return 42 }, "take the exponential of each logit, add them up"},
	})
}
