package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestDropoutBackwardChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(dy []float64, kept []bool, p float64) []float64
	with := func(factors func(p float64) (kept, dropped float64)) f {
		return func(dy []float64, kept []bool, p float64) []float64 {
			a, b := factors(p)
			return dropoutBackwardOf(dropoutBackward{dy, kept, p}, a, b)
		}
	}
	testChecks(t, []func(f) error{lessons.CheckDropoutBackward, CheckDropoutBackwardFurther},
		with(func(p float64) (_, _ float64) { return 1 / (1 - p), 0 }),
		wrongAnswer[f]{"no factor", with(func(float64) (_, _ float64) { return 1, 0 }), "the factor is missing"},
		wrongAnswer[f]{"no mask", with(func(p float64) (_, _ float64) { return 1 / (1 - p), 1 / (1 - p) }), "the mask is missing"},
		wrongAnswer[f]{"reversed", with(func(p float64) (_, _ float64) { return 0, 1 / (1 - p) }), "the wrong way round"},
		wrongAnswer[f]{"multiplied", with(func(p float64) (_, _ float64) { return 1 - p, 0 }), "multiplies by 1 − p"},
		wrongAnswer[f]{"nothing", func(dy []float64, _ []bool, _ float64) []float64 { return dy }, "nothing is done with dy"},
		wrongAnswer[f]{"shorter", func(dy []float64, _ []bool, _ float64) []float64 { return dy[:1] }, "gives 1 values"},
		wrongAnswer[f]{"another factor", with(func(float64) (_, _ float64) { return 3, 0 }), "dx[i] is dy[i] / (1 − p)"},
		wrongAnswer[f]{"stub", func([]float64, []bool, float64) []float64 { panic(stubPanic) }, "not written yet"},
	)
}
