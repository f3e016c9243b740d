package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckAdamStep(t *testing.T) {
	type answer = func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64)
	// by takes another step, given the gradient, the new means and the corrections.
	by := func(step func(g, m, s, c1, c2, rate float64) float64) answer {
		return func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64) {
			newW, newM, newS := adamStepOf(w, g, m, s, t, rate)
			for i := range w {
				newW[i] = w[i] - step(g[i], newM[i], newS[i], 1-math.Pow(0.9, float64(t)), 1-math.Pow(0.999, float64(t)), rate)
			}
			return newW, newM, newS
		}
	}
	// at counts the steps in another way.
	at := func(from int) answer {
		return func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64) {
			return adamStepOf(w, g, m, s, t+from, rate)
		}
	}
	// after changes the right results.
	after := func(change func(m, s, newM, newS []float64, t int)) answer {
		return func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64) {
			newW, newM, newS := adamStepOf(w, g, m, s, t, rate)
			change(m, s, newM, newS, t)
			return newW, newM, newS
		}
	}
	testCheck(t, adamStepOf, lessons.CheckAdamStep, CheckAdamStepFurther, []wrongCase[answer]{
		{"the stub", func(_, _, _, _ []float64, _ int, _ float64) ([]float64, []float64, []float64) {
			panic("not implemented")
		}, "AdamStep is not written yet"},
		{"nothing", by(func(_, _, _, _, _, _ float64) float64 { return 0 }), "the weights have not changed"},
		{"uphill", by(func(_, m, s, c1, c2, rate float64) float64 { return -rate * m / c1 / (math.Sqrt(s/c2) + 1e-8) }), "this goes uphill"},
		{"no rate", by(func(_, m, s, c1, c2, _ float64) float64 { return m / c1 / (math.Sqrt(s/c2) + 1e-8) }), "the learning rate is missing"},
		{"no correction", by(func(_, m, s, _, _, rate float64) float64 { return rate * m / (math.Sqrt(s) + 1e-8) }), "the corrections are missing"},
		{"m corrected only", by(func(_, m, s, c1, _, rate float64) float64 { return rate * m / c1 / (math.Sqrt(s) + 1e-8) }), "the correction of s is missing"},
		{"s corrected only", by(func(_, m, s, _, c2, rate float64) float64 { return rate * m / (math.Sqrt(s/c2) + 1e-8) }), "the correction of m is missing"},
		{"t from 0", at(-1), "the exponent of the corrections is t − 1"},
		{"t from 2", at(1), "the exponent of the corrections is t + 1"},
		{"t left out", by(func(_, m, s, _, _, rate float64) float64 { return rate * m / 0.1 / (math.Sqrt(s/0.001) + 1e-8) }), "the corrections do not depend on t"},
		{"ε under the root", by(func(_, m, s, c1, c2, rate float64) float64 { return rate * m / c1 / math.Sqrt(s/c2+1e-8) }), "ε is under the square root; add"},
		{"no ε", by(func(_, m, s, c1, c2, rate float64) float64 { return rate * m / c1 / math.Sqrt(s/c2) }), "ε is missing"},
		{"ε before the correction", by(func(_, m, s, c1, c2, rate float64) float64 {
			return rate * math.Sqrt(c2) / c1 * m / (math.Sqrt(s) + 1e-8)
		}), "ε is added before the correction"},
		{"no root", by(func(_, m, s, c1, c2, rate float64) float64 { return rate * m / c1 / (s/c2 + 1e-8) }), "the square root is missing"},
		{"along the gradient", by(func(g, _, s, _, c2, rate float64) float64 { return rate * g / (math.Sqrt(s/c2) + 1e-8) }), "goes along the gradient"},
		{"momentum only", by(func(_, m, _, c1, _, rate float64) float64 { return rate * m / c1 }), "the division by the root of s"},
		{"plain", by(func(g, _, _, _, _, rate float64) float64 { return rate * g }), "plain gradient descent"},
		{"β exchanged", func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64) {
			newW, newM, newS := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
			for i := range w {
				newM[i], newS[i] = 0.999*m[i]+0.001*g[i], 0.9*s[i]+0.1*g[i]*g[i]
				newW[i] = w[i] - rate*newM[i]/(1-math.Pow(0.999, float64(t)))/(math.Sqrt(newS[i]/(1-math.Pow(0.9, float64(t))))+1e-8)
			}
			return newW, newM, newS
		}, "the two β are exchanged"},
		{"s of g", func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64) {
			newW, newM, newS := adamStepOf(w, g, m, s, t, rate)
			for i := range w {
				newS[i] = 0.999*s[i] + 0.001*g[i]
				newW[i] = w[i] - rate*newM[i]/(1-math.Pow(0.9, float64(t)))/(math.Sqrt(newS[i]/(1-math.Pow(0.999, float64(t))))+1e-8)
			}
			return newW, newM, newS
		}, "take that of their squares"},
		{"corrected m returned", after(func(_, _, newM, _ []float64, t int) {
			for i := range newM {
				newM[i] /= 1 - math.Pow(0.9, float64(t))
			}
		}), "newM is returned with the correction"},
		{"old m returned", after(func(m, _, newM, _ []float64, _ int) { copy(newM, m) }), "newM has not changed"},
		{"old s returned", after(func(_, s, _, newS []float64, _ int) { copy(newS, s) }), "newS has not changed"},
		{"corrected s returned", after(func(_, _, _, newS []float64, t int) {
			for i := range newS {
				newS[i] /= 1 - math.Pow(0.999, float64(t))
			}
		}), "newS is returned with the correction"},
		{"in place", after(func(m, _, newM, _ []float64, _ int) { copy(m, newM) }), "changes its argument"},
		{"another formula", by(func(_, m, s, c1, c2, rate float64) float64 { return 3 * rate * m / c1 / (math.Sqrt(s/c2) + 1e-8) }), "with the new m and s"},
	})
}
