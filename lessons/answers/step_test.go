package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckStep(t *testing.T) {
	type answer = func(w [][]float64, b []float64, dw [][]float64, db []float64, rate float64) ([][]float64, []float64)
	// each moves weights by one rule and biases by another.
	each := func(weight, bias func(w, g, rate float64) float64) answer {
		return func(w [][]float64, b []float64, dw [][]float64, db []float64, rate float64) ([][]float64, []float64) {
			newW, newB := copyRows(w), slices.Clone(b)
			for c, row := range newW {
				newB[c] = bias(newB[c], db[c], rate)
				for p := range row {
					row[p] = weight(row[p], dw[c][p], rate)
				}
			}
			return newW, newB
		}
	}
	right := func(w, g, rate float64) float64 { return w - rate*g }
	uphill := func(w, g, rate float64) float64 { return w + rate*g }
	noRate := func(w, g, _ float64) float64 { return w - g }
	nothing := func(w, _, _ float64) float64 { return w }
	testCheck(t, stepOf, lessons.CheckStep, CheckStepFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, []float64, [][]float64, []float64, float64) ([][]float64, []float64) {
			panic("not implemented")
		}, "Step is not written yet"},
		{"uphill", each(uphill, uphill), "the weights are wrong: this goes uphill"},
		{"no rate", each(noRate, noRate), "the learning rate is missing; multiply"},
		{"nothing", each(nothing, nothing), "they have not changed; subtract"},
		{"the step alone", each(func(_, g, rate float64) float64 { return -rate * g }, right), "this is the step alone"},
		{"weights shrunk", each(func(w, _, rate float64) float64 { return w - rate*w }, right), "the weights were multiplied by the learning rate"},
		{"biases kept", each(right, nothing), "they learn as the weights do"},
		{"biases uphill", each(right, uphill), "the biases are wrong: this goes uphill"},
		{"biases without rate", each(right, noRate), "the learning rate is missing for the biases"},
		{"in place", func(w [][]float64, b []float64, dw [][]float64, db []float64, rate float64) ([][]float64, []float64) {
			for c := range w {
				for p := range w[c] {
					w[c][p] -= rate * dw[c][p]
				}
				b[c] -= rate * db[c]
			}
			return w, b
		}, "changes its argument"},
		{"no biases", func(w [][]float64, b []float64, dw [][]float64, db []float64, rate float64) ([][]float64, []float64) {
			newW, _ := stepOf(w, b, dw, db, rate)
			return newW, nil
		}, "gives 0 biases, expected 3"},
		{"another formula", each(func(w, _, _ float64) float64 { return 2*w + 77 }, right), "each weight becomes itself minus"},
	})
}
