package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckUpdate(t *testing.T) {
	type answer = func(data, gradients []float64, rate float64) ([]float64, []float64)
	// stepping makes a step of a wrong size, and clears the gradients.
	stepping := func(data func(x, g, rate float64) float64) answer {
		return func(xs, gs []float64, rate float64) ([]float64, []float64) {
			out := make([]float64, len(xs))
			for i := range xs {
				out[i] = data(xs[i], gs[i], rate)
			}
			return out, make([]float64, len(xs))
		}
	}
	testCheck(t, updateOf, lessons.CheckUpdate, CheckUpdateFurther, []wrongCase[answer]{
		{"the stub", func([]float64, []float64, float64) ([]float64, []float64) { panic("not implemented") }, "Update is not written yet"},
		{"not cleared", func(xs, gs []float64, rate float64) ([]float64, []float64) {
			data, _ := updateOf(xs, gs, rate)
			return data, slices.Clone(gs)
		}, "the gradients are not cleared"},
		{"gradients moved", func(xs, gs []float64, rate float64) ([]float64, []float64) {
			data, _ := updateOf(xs, gs, rate)
			moved, _ := updateOf(gs, gs, rate)
			return data, moved
		}, "the gradients were moved like the data"},
		{"gradients of 1", func(xs, gs []float64, rate float64) ([]float64, []float64) {
			data, left := updateOf(xs, gs, rate)
			for i := range left {
				left[i] = 1
			}
			return data, left
		}, "each must be 0 after the step"},
		{"cleared first", stepping(func(x, _, _ float64) float64 { return x }), "nothing has moved"},
		{"uphill", stepping(func(x, g, rate float64) float64 { return x + rate*g }), "makes the data [1.4 -2.1 0.525], expected [0.6 -1.9 0.475]: this goes uphill"},
		{"no rate", stepping(func(x, g, _ float64) float64 { return x - g }), "the rate is missing; multiply"},
		{"no rate, uphill", stepping(func(x, g, _ float64) float64 { return x + g }), "the rate is missing, and this goes uphill"},
		{"the step", stepping(func(_, g, rate float64) float64 { return -rate * g }), "this is the step alone"},
		{"no gradient", stepping(func(x, _, rate float64) float64 { return x - rate }), "the gradient is missing"},
		{"the first", func(xs, gs []float64, rate float64) ([]float64, []float64) {
			data, left := updateOf(xs, gs, rate)
			copy(data[1:], xs[1:])
			return data, left
		}, "only the first parameter has moved"},
		{"divided", stepping(func(x, g, rate float64) float64 { return x - g/rate }), "for each parameter, subtract"},
	})
}
