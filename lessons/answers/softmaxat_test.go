package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckSoftmaxAt(t *testing.T) {
	type answer = func([]float64, float64) []float64
	divide := func(values []float64, by float64) []float64 {
		out := make([]float64, len(values))
		for i, v := range values {
			out[i] = v / by
		}
		return out
	}
	testCheck(t, softmaxAt, lessons.CheckSoftmaxAt, CheckSoftmaxAtFurther, []wrongCase[answer]{
		{"the stub", func([]float64, float64) []float64 { panic("not implemented") }, "SoftmaxAt is not written yet"},
		{"multiplied", func(z []float64, t float64) []float64 { return softmaxAt(z, 1/t) }, "multiplied by the temperature"},
		{"divided afterwards", func(z []float64, t float64) []float64 { return divide(softmaxOf(z), t) }, "divide the logits, before softmax"},
		{"not used", func(z []float64, _ float64) []float64 { return softmaxOf(z) }, "the temperature was not used"},
		{"no softmax", divide, "the softmax of them is missing"},
		{"by the formula", func(z []float64, t float64) []float64 { return byFormula(divide(z, t)) }, "an exponential became infinite"},
		{"one too few", func(z []float64, t float64) []float64 { return softmaxAt(z[1:], t) }, "a probability for each logit, so 3, not 2"},
		{"not normalised", func(z []float64, t float64) []float64 { return divide(softmaxAt(z, t), 2) }, "the probabilities sum to 0.5"},
		{"in place", func(z []float64, t float64) []float64 {
			for i := range z {
				z[i] /= t
			}
			return softmaxOf(z)
		}, "changes its argument"},
	})
}
