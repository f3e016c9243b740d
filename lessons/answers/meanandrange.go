package answers

import (
	"slices"

	"fashionlab/lessons"
)

// meanAndRange returns the mean, the lowest and the highest of some values.
func meanAndRange(values []float64) (mean, low, high float64) {
	return total(values) / float64(len(values)), slices.Min(values), slices.Max(values)
}

func visibleMeanAndRange() []lessons.Case {
	return []lessons.Case{
		meanAndRangeCaseOf([]float64{0.84, 0.82, 0.86, 0.83}),
		meanAndRangeCaseOf([]float64{0.9, 0.7, 0.74}),
	}
}

// CheckMeanAndRangeFurther checks a single value, equal values, and values of
// any sign.
func CheckMeanAndRangeFurther(f func(values []float64) (mean, low, high float64)) error {
	return checkCases("MeanAndRange", f,
		meanAndRangeCaseOf([]float64{0.5}),
		meanAndRangeCaseOf([]float64{0.8, 0.8, 0.8}),
		meanAndRangeCaseOf([]float64{-3, -1, -2}),
		meanAndRangeCaseOf([]float64{7, 2, 11, 5, 3}))
}

// meanAndRangeCaseOf is a call, with the right results and those of typical mistakes.
func meanAndRangeCaseOf(values []float64) lessons.Case {
	wantMean, wantLow, wantHigh := meanAndRange(values)
	n := float64(len(values))
	sorted := slices.Sorted(slices.Values(values))
	return lessons.Case{
		Arguments: []any{values},
		Results: []lessons.Result{
			{Verb: "has the mean", Want: wantMean, Causes: []lessons.Cause{
				lessons.Gives(wantMean*n, "this is the sum; divide it by the number of values"),
				lessons.Gives(wantMean*n/max(n-1, 1), "divide by the number of values, not by one less"),
				lessons.Gives((wantLow+wantHigh)/2, "this is the middle between the lowest and the highest; the mean takes all values"),
				lessons.Gives(sorted[len(sorted)/2], "this is the median, the value in the middle"),
				lessons.Gives(0.0, "0 means that nothing was added up, or that whole numbers were divided"),
				lessons.Otherwise("add the values up and divide by their number"),
			}},
			{Verb: "has the lowest value", Want: wantLow, Causes: []lessons.Cause{
				lessons.Gives(wantHigh, "this is the highest; mean, low, high is the order of the results"),
				lessons.Gives(0.0, "begin with the first value: a search for the lowest that begins with 0 ends with 0"),
				lessons.Gives(values[0], "this is the first value: compare it with the others"),
				lessons.Otherwise("look at all values"),
			}},
			{Verb: "has the highest value", Want: wantHigh, Causes: []lessons.Cause{
				lessons.Gives(wantHigh-wantLow, "this is the difference between the highest and the lowest; return the highest itself"),
				lessons.Gives(0.0, "a search for the highest must begin with the first value: values may all be negative"),
				lessons.Gives(values[len(values)-1], "this is the last value"),
				lessons.Otherwise("all values count, the last one as well"),
			}},
		},
	}
}
