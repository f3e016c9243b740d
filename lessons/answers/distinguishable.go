package answers

import (
	"slices"

	"fashionlab/lessons"
)

// distinguishable says whether the ranges of two lists have no value in common.
func distinguishable(a, b []float64) bool {
	return slices.Max(a) < slices.Min(b) || slices.Max(b) < slices.Min(a)
}

func visibleDistinguishable() []lessons.Case {
	return []lessons.Case{
		distinguishableCaseOf([]float64{0.81, 0.83, 0.82}, []float64{0.86, 0.85, 0.87}, "the highest of a, 0.83, is below the lowest of b, 0.85"),
		distinguishableCaseOf([]float64{0.86, 0.85, 0.87}, []float64{0.81, 0.83, 0.82}, "here a is the better one; look at both directions"),
		distinguishableCaseOf([]float64{0.81, 0.85, 0.83}, []float64{0.84, 0.86, 0.88}, "the means differ, but the ranges overlap: 0.84 lies between 0.81 and 0.85"),
	}
}

// CheckDistinguishableFurther checks ranges that touch, that lie in each other,
// and lists of different lengths.
func CheckDistinguishableFurther(f func(a, b []float64) bool) error {
	return checkCases("Distinguishable", f,
		distinguishableCaseOf([]float64{0.8, 0.84}, []float64{0.84, 0.9}, "ranges that touch have 0.84 in common; lie apart means <, not <="),
		distinguishableCaseOf([]float64{0.80, 0.90}, []float64{0.84, 0.85}, "one range lies inside the other"),
		distinguishableCaseOf([]float64{0.84, 0.85}, []float64{0.90, 0.80}, "the range of a lies inside that of b"),
		distinguishableCaseOf([]float64{0.9}, []float64{0.7, 0.75, 0.72, 0.8}, "lists need not be equally long"))
}

// distinguishableCaseOf is a call, and what is said of a wrong answer.
func distinguishableCaseOf(a, b []float64, cause string) lessons.Case {
	return lessons.One(distinguishable(a, b), []lessons.Cause{lessons.Otherwise("%s", cause)}, a, b)
}
