package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestFalseAlarmsChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(seeds, pairs int) float64
	testChecks(t, []func(f) error{lessons.CheckFalseAlarms, CheckFalseAlarmsFurther}, falseAlarms,
		wrongAnswer[f]{"more than 1", func(seeds, pairs int) float64 { return float64(pairs) * 2 / choose(2*seeds, seeds) }, "at most 1: take"},
		wrongAnswer[f]{"one direction", func(seeds, pairs int) float64 { return min(1, float64(pairs)/choose(2*seeds, seeds)) }, "this is half of it"},
		wrongAnswer[f]{"one pair", func(seeds, _ int) float64 { return min(1, 2/choose(2*seeds, seeds)) }, "the rate of one pair"},
		wrongAnswer[f]{"all orders", func(seeds, pairs int) float64 {
			factorial := 1.0
			for i := range 2 * seeds {
				factorial *= float64(i + 1)
			}
			return min(1, float64(pairs)*2/factorial)
		}, "counts the orders of all results"},
		wrongAnswer[f]{"whole numbers", func(seeds, pairs int) float64 { return float64(pairs * 2 / int(choose(2*seeds, seeds))) }, "whole numbers were divided"},
		wrongAnswer[f]{"another", func(seeds, pairs int) float64 { return falseAlarms(seeds+1, pairs) }, "it is pairs·2/C"},
		wrongAnswer[f]{"stub", func(_, _ int) float64 { panic(stubPanic) }, "not written yet"},
	)
}

// The rule of the ranges, tried on models that are equal.
func TestTheRuleOfTheRangesGivesAsManyFalseAlarmsAsTheFormula(t *testing.T) {
	random := newRandom(1)
	const trials = 20000
	for _, seeds := range []int{2, 3, 4} {
		alarms := 0
		for range trials {
			a, b := make([]float64, seeds), make([]float64, seeds)
			for i := range seeds {
				a[i], b[i] = random.NormFloat64(), random.NormFloat64()
			}
			if distinguishable(a, b) {
				alarms++
			}
		}
		if rate := float64(alarms) / trials; !near(rate, falseAlarms(seeds, 1), 0.01) {
			t.Errorf("%d seeds: %.3f, the formula gives %.3f", seeds, rate, falseAlarms(seeds, 1))
		}
	}
}
