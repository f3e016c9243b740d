package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckRateAt(t *testing.T) {
	type answer = func(step, warmup, steps int, peak float64) float64
	// then falls by another rule after the right warm-up, given the progress.
	then := func(rule func(progress float64) float64) answer {
		return func(step, warmup, steps int, peak float64) float64 {
			if step < warmup {
				return rateAtOf(step, warmup, steps, peak)
			}
			return peak * rule(float64(step-warmup)/float64(steps-warmup))
		}
	}
	half := func(x float64) float64 { return (1 + math.Cos(math.Pi*x)) / 2 }
	testCheck(t, rateAtOf, lessons.CheckRateAt, CheckRateAtFurther, []wrongCase[answer]{
		{"the stub", func(_, _, _ int, _ float64) float64 { panic("not implemented") }, "RateAt is not written yet"},
		{"from 0", func(step, warmup, steps int, peak float64) float64 {
			if step < warmup {
				return peak * float64(step) / float64(warmup)
			}
			return rateAtOf(step, warmup, steps, peak)
		}, "steps are counted from 0"},
		{"no warm-up", func(step, _, steps int, peak float64) float64 {
			return peak * half(float64(step)/float64(steps))
		}, "the warm-up is missing"},
		{"the cosine before, too", func(step, warmup, steps int, peak float64) float64 {
			return peak * half(float64(step-warmup)/float64(steps-warmup))
		}, "the cosine begins after the warm-up; before"},
		{"whole numbers in the warm-up", func(step, warmup, steps int, peak float64) float64 {
			if step < warmup {
				return peak * float64((step+1)/warmup)
			}
			return rateAtOf(step, warmup, steps, peak)
		}, "the rate is 0: probably (step + 1)/warmup"},
		{"peak at once", func(step, warmup, steps int, peak float64) float64 {
			return rateAtOf(max(step, warmup), warmup, steps, peak)
		}, "the rate is peak during the warm-up"},
		{"over all steps", func(step, warmup, steps int, peak float64) float64 {
			if step < warmup {
				return rateAtOf(step, warmup, steps, peak)
			}
			return peak * half(float64(step)/float64(steps))
		}, "the cosine runs over all steps"},
		{"the wrong divisor", func(step, warmup, steps int, peak float64) float64 {
			if step < warmup {
				return rateAtOf(step, warmup, steps, peak)
			}
			return peak * half(float64(step-warmup)/float64(steps))
		}, "the divisor here is steps"},
		{"twice", then(func(x float64) float64 { return 2 * half(x) }), "this is twice as much"},
		{"rising", then(func(x float64) float64 { return 1 - half(x) }), "and not with 1 − cos"},
		{"a line", then(func(x float64) float64 { return 1 - x }), "falls in a straight line"},
		{"no π", then(func(x float64) float64 { return (1 + math.Cos(x)) / 2 }), "π is missing"},
		{"a whole cosine", then(func(x float64) float64 { return half(2 * x) }), "the cosine is whole"},
		{"negative", then(func(x float64) float64 { return math.Cos(math.Pi * x) }), "this becomes negative"},
		{"a quarter", then(func(x float64) float64 { return math.Cos(math.Pi / 2 * x) }), "a quarter of a cosine"},
		{"constant", then(func(float64) float64 { return 1 }), "stays at peak after the warm-up"},
		{"nothing after", then(func(float64) float64 { return 0 }), "the rate is 0 after the warm-up"},
		{"not a number", func(step, warmup, steps int, peak float64) float64 {
			return rateAtOf(step, warmup, steps, peak) * float64(warmup) / float64(warmup)
		}, "is not a number"},
		{"another formula", then(func(x float64) float64 { return math.Exp(-x) * 0.7 }), "after the warm-up the rate is peak · (1 + cos"},
	})
}
