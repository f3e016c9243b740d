package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckGradient(t *testing.T) {
	type answer = func(z []float64, label int) []float64
	// each gives the derivative of each logit from its probability and target.
	each := func(f func(p, y, z float64) float64) answer {
		return func(z []float64, label int) []float64 {
			p, y := softmaxOf(z), oneHotOf(label, len(z))
			for i := range p {
				p[i] = f(p[i], y[i], z[i])
			}
			return p
		}
	}
	testCheck(t, lossGradient, lessons.CheckGradient, CheckGradientFurther, []wrongCase[answer]{
		{"the stub", func([]float64, int) []float64 { panic("not implemented") }, "Gradient is not written yet"},
		{"the sign", each(func(p, y, _ float64) float64 { return y - p }), "the sign is wrong"},
		{"probabilities", each(func(p, _, _ float64) float64 { return p }), "these are the probabilities"},
		{"the predicted class", func(z []float64, _ int) []float64 { return lossGradient(z, largest(z)) }, "from the most probable class"},
		{"every class", each(func(p, _, _ float64) float64 { return p - 1 }), "from every class"},
		{"added", each(func(p, y, _ float64) float64 { return p + y }), "1 is added"},
		{"the right class only", each(func(p, y, _ float64) float64 { return (p - 1) * y }), "only the right class has a derivative"},
		{"by the probability", each(func(p, y, _ float64) float64 { return -y / p }), "the derivative with respect to the probability"},
		{"sigmoid's", each(func(p, _, _ float64) float64 { return p * (1 - p) }), "the derivative of the sigmoid"},
		{"the mean", func(z []float64, label int) []float64 {
			g := lossGradient(z, label)
			for i := range g {
				g[i] /= float64(len(g))
			}
			return g
		}, "divided by the number of classes"},
		{"logits", each(func(_, y, z float64) float64 { return z - y }), "the logits are used as they are"},
		{"overflowing", func(z []float64, label int) []float64 {
			g := byFormula(z)
			g[label]--
			return g
		}, "use your stable softmax"},
		{"in place", func(z []float64, label int) []float64 {
			copy(z, lossGradient(z, label))
			return z
		}, "changes its argument"},
		{"too long", func(z []float64, _ int) []float64 { return make([]float64, len(z)+1) }, "a derivative for each of the"},
		{"another formula", each(func(_, _, _ float64) float64 { return 9 }), "less 1 for the right one"},
	})
}

func TestTheReferenceGradientIsTheSlopeOfTheReferenceLoss(t *testing.T) {
	z := []float64{0.3, -1.2, 2, 0.1}
	slope := centralDifferences(func(z []float64) float64 { return logitLoss(z, 2) }, z, 1e-5)
	if !nearAll(slope, lossGradient(z, 2), 1e-8) {
		t.Errorf("the slope is %v, the gradient %v", slope, lossGradient(z, 2))
	}
}
