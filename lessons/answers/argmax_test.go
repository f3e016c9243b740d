package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckArgmax(t *testing.T) {
	type answer = func([]float64) int
	testCheck(t, largest, lessons.CheckArgmax, CheckArgmaxFurther, []wrongCase[answer]{
		{"the stub", func([]float64) int { panic("not implemented") }, "Argmax is not written yet"},
		{"the value", func(v []float64) int { return int(v[largest(v)]) }, "that is the largest value"},
		{"counted from 1", func(v []float64) int { return largest(v) + 1 }, "one too many"},
		{"none found", func(v []float64) int { return -1 }, "there is no such position"},
		{"begins with 0", func(v []float64) int {
			best, at := 0.0, 0
			for i, x := range v {
				if x > best {
					best, at = x, i
				}
			}
			return at
		}, "none is above 0"},
		{"the smallest", func(v []float64) int {
			at := 0
			for i, x := range v {
				if x < v[at] {
					at = i
				}
			}
			return at
		}, "the smallest value"},
		{"the last of equal ones", func(v []float64) int {
			at := 0
			for i, x := range v {
				if x >= v[at] {
					at = i
				}
			}
			return at
		}, "of equal values the first counts"},
		{"without the last", func(v []float64) int { return largest(v[:max(len(v)-1, 1)]) }, "the last value is not looked at"},
		{"without the first", func(v []float64) int {
			if len(v) < 2 {
				return 0
			}
			return 1 + largest(v[1:])
		}, "the first value is not looked at"},
		{"always 0", func([]float64) int { return 0 }, "go through all values"},
		{"one value too many", oneTooFar, "panics: index out of range"},
	})
}

// oneTooFar reads one value too many.
func oneTooFar(v []float64) int {
	at := 0
	for i := 0; i <= len(v); i++ {
		if v[i] > v[at] {
			at = i
		}
	}
	return at
}
