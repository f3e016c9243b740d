package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleArgmax() []lessons.Case {
	return each(argmaxCaseOf,
		[]float64{1.3, 5.1, 2.2, 0.7, 1.1},
		[]float64{0.25, 0.5, 0.125},
		[]float64{-3, -1.5, -2},
	)
}

// CheckArgmaxFurther checks Argmax with the largest value at either end, with
// equal values, with one value and with infinity.
func CheckArgmaxFurther(argmax func(values []float64) int) error {
	return check("Argmax", argmax, argmaxCaseOf,
		[]float64{1, 2, 3},
		[]float64{9, 2, 3, 4},
		[]float64{2, 7, 7, 1},
		[]float64{-5, -5},
		[]float64{-1000, -2000, -999.5},
		[]float64{4},
		[]float64{math.Inf(-1), -1e300},
		[]float64{0, math.MaxFloat64, 1},
	)
}

// argmaxCaseOf is a call, with the right result and those of typical mistakes.
func argmaxCaseOf(values []float64) lessons.Case {
	want := largest(values)
	aboveZero, last, smallest, exceptLast, exceptFirst := 0, 0, 0, 0, min(1, len(values)-1)
	best := 0.0
	for i, v := range values {
		if v > best {
			best, aboveZero = v, i
		}
		if v >= values[last] {
			last = i
		}
		if v < values[smallest] {
			smallest = i
		}
		if v > values[exceptLast] && i < len(values)-1 {
			exceptLast = i
		}
		if i > 0 && v > values[exceptFirst] {
			exceptFirst = i
		}
	}
	var causes []lessons.Cause
	add := func(condition bool, position int, text string) {
		if condition {
			causes = append(causes, lessons.Gives(position, "%s", text))
		}
	}
	top := int(max(-1e9, min(values[want], 1e9)))
	theValue := "that is the largest value; the result is its position, counted from 0"
	add(top < 0 || top >= len(values), top, theValue)
	causes = append(causes, lessons.If(lessons.Outside, "there is no such position; they are counted from 0").With(0, float64(len(values)-1)))
	add(true, last, "of equal values the first counts; compare with > in place of >=")
	add(values[want] < 0, aboveZero, "all values are negative, and none is above 0; begin with the first value in place of 0")
	add(len(values) > 2, smallest, "that is the position of the smallest value; find that of the largest")
	add(want == len(values)-1, exceptLast, "the last value is not looked at; let the loop run to its end")
	add(want == 0, exceptFirst, "the first value is not looked at; begin at position 0")
	add(true, top, theValue)
	add(true, want+1, "one too many; Go counts positions from 0")
	causes = append(causes, lessons.Otherwise("go through all values and keep the position of the largest one so far"))
	return lessons.One(want, causes, values)
}

// largest is the reference: the first position of the largest value.
func largest(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
