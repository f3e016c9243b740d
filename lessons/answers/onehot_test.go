package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckOneHot(t *testing.T) {
	type answer = func(label, classes int) []float64
	testCheck(t, oneHotOf, lessons.CheckOneHot, CheckOneHotFurther, []wrongCase[answer]{
		{"the stub", func(_, _ int) []float64 { panic("not implemented") }, "OneHot is not written yet"},
		{"counted from 1", func(label, classes int) []float64 { return oneHotOf(label-1, classes) }, "the 1 is beside its place"},
		{"zeros", func(_, classes int) []float64 { return make([]float64, classes) }, "the 1 is missing"},
		{"the label's value", func(label, classes int) []float64 {
			y := make([]float64, classes)
			y[label] = float64(label)
			return y
		}, "and not the label"},
		{"exchanged", func(label, classes int) []float64 {
			y := oneHotOf(label, classes)
			for i := range y {
				y[i] = 1 - y[i]
			}
			return y
		}, "zeros and ones are exchanged"},
		{"only as long as the label", func(label, _ int) []float64 { return oneHotOf(label, label+1) }, "a number for each of the 5 classes, not 3"},
		{"not made", func(label, _ int) []float64 {
			var y []float64
			y[label] = 1
			return y
		}, "one that was only declared has none"},
		{"ones up to the label", func(label, classes int) []float64 {
			y := make([]float64, classes)
			for i := range label + 1 {
				y[i] = 1
			}
			return y
		}, "all numbers are 0, and the one at"},
	})
}
