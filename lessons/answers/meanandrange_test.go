package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestMeanAndRangeChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(values []float64) (mean, low, high float64)
	with := func(change func(values []float64, mean, low, high *float64)) f {
		return func(values []float64) (float64, float64, float64) {
			mean, low, high := meanAndRange(values)
			change(values, &mean, &low, &high)
			return mean, low, high
		}
	}
	testChecks(t, []func(f) error{lessons.CheckMeanAndRange, CheckMeanAndRangeFurther}, meanAndRange,
		wrongAnswer[f]{"sum", with(func(v []float64, mean, _, _ *float64) { *mean = total(v) }), "this is the sum"},
		wrongAnswer[f]{"one less", with(func(v []float64, mean, _, _ *float64) { *mean = total(v) / float64(len(v)-1) }), "not by one less"},
		wrongAnswer[f]{"middle", with(func(_ []float64, mean, low, high *float64) { *mean = (*low + *high) / 2 }), "the middle between"},
		wrongAnswer[f]{"low from 0", with(func(_ []float64, _, low, _ *float64) { *low = min(*low, 0) }), "begins with 0 ends with 0"},
		wrongAnswer[f]{"high from 0", with(func(_ []float64, _, _, high *float64) { *high = max(*high, 0) }), "may all be negative"},
		wrongAnswer[f]{"exchanged", with(func(_ []float64, _, low, high *float64) { *low, *high = *high, *low }), "is the order of the results"},
		wrongAnswer[f]{"width", with(func(_ []float64, _, low, high *float64) { *high -= *low }), "return the highest itself"},
		wrongAnswer[f]{"sorts the argument", func(v []float64) (float64, float64, float64) {
			slices.Sort(v)
			return meanAndRange(v)
		}, "changes its argument"},
		wrongAnswer[f]{"stub", func([]float64) (float64, float64, float64) { panic(stubPanic) }, "not written yet"},
	)
}
