package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestDistinguishableChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(a, b []float64) bool
	mean := func(v []float64) float64 { return total(v) / float64(len(v)) }
	testChecks(t, []func(f) error{lessons.CheckDistinguishable, CheckDistinguishableFurther}, distinguishable,
		wrongAnswer[f]{"means", func(a, b []float64) bool { return mean(a) != mean(b) }, "the means differ"},
		wrongAnswer[f]{"never", func(_, _ []float64) bool { return false }, "0.83, is below the lowest"},
		wrongAnswer[f]{"one direction", func(a, b []float64) bool { return slices.Max(a) < slices.Min(b) }, "look at both directions"},
		wrongAnswer[f]{"touching", func(a, b []float64) bool { return slices.Max(a) <= slices.Min(b) || slices.Max(b) <= slices.Min(a) }, "not <="},
		wrongAnswer[f]{"ends only", func(a, b []float64) bool {
			in := func(v float64) bool { return v >= slices.Min(a) && v <= slices.Max(a) }
			return !in(slices.Min(b)) && !in(slices.Max(b))
		}, "lies inside that of b"},
		wrongAnswer[f]{"stub", func(_, _ []float64) bool { panic(stubPanic) }, "not written yet"},
	)
}
