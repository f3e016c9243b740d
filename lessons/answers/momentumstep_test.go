package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckMomentumStep(t *testing.T) {
	type answer = func(w, g, v []float64, rate, momentum float64) ([]float64, []float64)
	// by moves each weight by another rule.
	by := func(rule func(w, g, v, rate, mu float64) (newW, newV float64)) answer {
		return func(w, g, v []float64, rate, mu float64) ([]float64, []float64) {
			newW, newV := make([]float64, len(w)), make([]float64, len(w))
			for i := range w {
				newW[i], newV[i] = rule(w[i], g[i], v[i], rate, mu)
			}
			return newW, newV
		}
	}
	testCheck(t, momentumStepOf, lessons.CheckMomentumStep, CheckMomentumStepFurther, []wrongCase[answer]{
		{"the stub", func(_, _, _ []float64, _, _ float64) ([]float64, []float64) { panic("not implemented") }, "MomentumStep is not written yet"},
		{"nothing", by(func(w, g, v, _, mu float64) (float64, float64) { return w, mu*v + g }), "the weights have not changed"},
		{"uphill", by(func(w, g, v, rate, mu float64) (float64, float64) { return w + rate*(mu*v+g), mu*v + g }), "this goes uphill"},
		{"no momentum", by(func(w, g, v, rate, mu float64) (float64, float64) { return w - rate*g, mu*v + g }), "a step without momentum"},
		{"the old velocity", by(func(w, g, v, rate, mu float64) (float64, float64) { return w - rate*v, mu*v + g }), "uses the old velocity"},
		{"no rate", by(func(w, g, v, _, mu float64) (float64, float64) { return w - mu*v - g, mu*v + g }), "the learning rate is missing"},
		{"a mean", by(func(w, g, v, rate, mu float64) (float64, float64) { v = mu*v + (1-mu)*g; return w - rate*v, v }), "multiplied by 1 − momentum"},
		{"the rate of the gradient only", by(func(w, g, v, rate, mu float64) (float64, float64) { v = mu*v + rate*g; return w - v, v }), "belongs to the whole velocity"},
		{"downhill velocity", by(func(w, g, v, rate, mu float64) (float64, float64) { v = mu*v - rate*g; return w + v, v }), "contains the learning rate and points downhill"},
		{"no friction", by(func(w, g, v, rate, _ float64) (float64, float64) { v += g; return w - rate*v, v }), "the old velocity is kept whole"},
		{"of the gradient", by(func(w, g, v, rate, mu float64) (float64, float64) { v += mu * g; return w - rate*v, v }), "and not to the gradient"},
		{"Nesterov", by(func(w, g, v, rate, mu float64) (float64, float64) { v = mu*v + g; return w - rate*(g+mu*v), v }), "Nesterov"},
		{"the old velocity returned", func(w, g, v []float64, rate, mu float64) ([]float64, []float64) {
			newW, _ := momentumStepOf(w, g, v, rate, mu)
			return newW, v
		}, "return the new one, which the next step needs"},
		{"the velocity times the rate", by(func(w, g, v, rate, mu float64) (float64, float64) { v = mu*v + g; return w - rate*v, rate * v }), "with the learning rate in it"},
		{"no velocity", func(w, g, v []float64, rate, mu float64) ([]float64, []float64) {
			newW, _ := momentumStepOf(w, g, v, rate, mu)
			return newW, nil
		}, "gives 0 values of newV"},
		{"in place", func(w, g, v []float64, rate, mu float64) ([]float64, []float64) {
			newW, newV := momentumStepOf(w, g, v, rate, mu)
			copy(v, newV)
			return newW, newV
		}, "changes its argument"},
		{"another formula", by(func(w, g, v, rate, mu float64) (float64, float64) { v = mu*v + 2*g; return w - rate*v, v }), "and newW[i] is w[i] − rate·newV[i]"},
	})
}
