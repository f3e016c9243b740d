package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestUpdateRunningChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64)
	mean := func(change func(running, batch []float64, n int) []float64) f {
		return func(rm, rv, m, v []float64, n int) ([]float64, []float64) {
			_, variance := updateRunning(rm, rv, m, v, n)
			return change(rm, m, n), variance
		}
	}
	variance := func(change func(running, batch []float64, n int) []float64) f {
		return func(rm, rv, m, v []float64, n int) ([]float64, []float64) {
			mean, _ := updateRunning(rm, rv, m, v, n)
			return mean, change(rv, v, n)
		}
	}
	testChecks(t, []func(f) error{lessons.CheckUpdateRunning, CheckUpdateRunningFurther}, updateRunning,
		wrongAnswer[f]{"exchanged", mean(func(r, b []float64, _ int) []float64 { return mix(r, b, 0.1, 0.9) }), "the two factors are exchanged"},
		wrongAnswer[f]{"replaced", mean(func(_, b []float64, _ int) []float64 { return b }), "has replaced the running one"},
		wrongAnswer[f]{"halfway", mean(func(r, b []float64, _ int) []float64 { return mix(r, b, 0.5, 0.5) }), "halfway"},
		wrongAnswer[f]{"not moved", mean(func(r, _ []float64, _ int) []float64 { return r }), "the running mean has not moved"},
		wrongAnswer[f]{"unbiased mean", mean(func(r, b []float64, n int) []float64 { return mix(r, scaled(b, bessel(n)), 0.9, 0.1) }), "belongs to the variance alone"},
		wrongAnswer[f]{"biased", variance(func(r, b []float64, _ int) []float64 { return mix(r, b, 0.9, 0.1) }), "is the unbiased one"},
		wrongAnswer[f]{"upside down", variance(func(r, b []float64, n int) []float64 { return mix(r, scaled(b, 1/bessel(n)), 0.9, 0.1) }), "upside down"},
		wrongAnswer[f]{"both unbiased", variance(func(r, b []float64, n int) []float64 { return scaled(mix(r, b, 0.9, 0.1), bessel(n)) }), "unbiased already"},
		wrongAnswer[f]{"variance exchanged", variance(func(r, b []float64, n int) []float64 { return mix(r, scaled(b, bessel(n)), 0.1, 0.9) }), "the variance's factors are exchanged"},
		wrongAnswer[f]{"variance not moved", variance(func(r, _ []float64, _ int) []float64 { return r }), "the running variance has not moved"},
		wrongAnswer[f]{"stub", func(_, _, _, _ []float64, _ int) ([]float64, []float64) { panic(stubPanic) }, "not written yet"},
	)
}
