package answers

import (
	"math/rand/v2"
	"testing"

	"fashionlab/lessons"
)

// dropWith returns a dropout that drops by the first function and scales what it
// keeps by the second.
func dropWith(drop func(i int, p float64, random func() float64) bool, scale func(v, p float64) float64) lessons.DropoutFunc {
	return func(x []float64, p float64, training bool, random func() float64) []float64 {
		out := make([]float64, len(x))
		for i, v := range x {
			switch {
			case !training:
				out[i] = v
			case !drop(i, p, random):
				out[i] = scale(v, p)
			}
		}
		return out
	}
}

func TestDropoutChecksTellTypicalAnswersApart(t *testing.T) {
	draw := func(_ int, p float64, random func() float64) bool { return random() < p }
	up := func(v, p float64) float64 { return v / (1 - p) }
	right := dropWith(draw, up)
	testChecks(t, []func(lessons.DropoutFunc) error{lessons.CheckDropout, CheckDropoutFurther}, right,
		wrongAnswer[lessons.DropoutFunc]{"not scaled", dropWith(draw, func(v, _ float64) float64 { return v }), "so that the mean stays what it was"},
		wrongAnswer[lessons.DropoutFunc]{"divided by p", dropWith(draw, func(v, p float64) float64 { return v / p * 0.999 }), "a value is either 0 or"},
		wrongAnswer[lessons.DropoutFunc]{"scaled down", dropWith(draw, func(v, p float64) float64 { return v * (1 - p) }), "smaller still"},
		wrongAnswer[lessons.DropoutFunc]{"multiplied by 1 + p", dropWith(draw, func(v, p float64) float64 { return v * (1 + p) }), "multiplies by 1 + p"},
		wrongAnswer[lessons.DropoutFunc]{"keeps with p", dropWith(func(_ int, p float64, r func() float64) bool { return r() >= p }, up), "not to keep it"},
		wrongAnswer[lessons.DropoutFunc]{"half of them", dropWith(func(_ int, _ float64, r func() float64) bool { return r() < 0.5 }, up), "drop a value when"},
		wrongAnswer[lessons.DropoutFunc]{"every second", dropWith(func(i int, _ float64, _ func() float64) bool { return i%2 == 0 }, up), "a new random number for each value"},
		wrongAnswer[lessons.DropoutFunc]{"a mask of its own", func(x []float64, p float64, training bool, _ func() float64) []float64 {
			return right(x, p, training, rand.New(rand.NewPCG(7, 7)).Float64)
		}, "the mask must be new in each step"},
		wrongAnswer[lessons.DropoutFunc]{"the global generator", func(x []float64, p float64, training bool, _ func() float64) []float64 {
			return right(x, p, training, rand.New(rand.NewPCG(rand.Uint64(), 7)).Float64)
		}, "and from nothing else"},
		wrongAnswer[lessons.DropoutFunc]{"one draw", func(x []float64, p float64, training bool, random func() float64) []float64 {
			all := random() < p
			return dropWith(func(int, float64, func() float64) bool { return all }, up)(x, p, training, random)
		}, "one for all"},
		wrongAnswer[lessons.DropoutFunc]{"in evaluation, too", func(x []float64, p float64, _ bool, random func() float64) []float64 {
			return right(x, p, true, random)
		}, "look at the argument `training`"},
		wrongAnswer[lessons.DropoutFunc]{"the older way", func(x []float64, p float64, training bool, random func() float64) []float64 {
			if !training {
				return mapped(x, func(v float64) float64 { return v * (1 - p) })
			}
			return dropWith(draw, func(v, _ float64) float64 { return v })(x, p, training, random)
		}, "the other way to do it"},
		wrongAnswer[lessons.DropoutFunc]{"removed", func(x []float64, p float64, training bool, random func() float64) []float64 {
			var out []float64
			for _, v := range x {
				if !training {
					out = append(out, v)
				} else if random() >= p {
					out = append(out, v/(1-p))
				}
			}
			return out
		}, "stay in their places"},
		wrongAnswer[lessons.DropoutFunc]{"nothing", func(x []float64, _ float64, _ bool, _ func() float64) []float64 { return x }, "changes nothing"},
		wrongAnswer[lessons.DropoutFunc]{"in place", func(x []float64, p float64, training bool, random func() float64) []float64 {
			copy(x, right(x, p, training, random))
			return x
		}, "changes its argument"},
		wrongAnswer[lessons.DropoutFunc]{"stub", func([]float64, float64, bool, func() float64) []float64 { panic(stubPanic) }, "not written yet"},
	)
}

func TestDropoutThatDividesByTheRateIsRecognised(t *testing.T) {
	err := lessons.CheckDropout(dropWith(
		func(_ int, p float64, random func() float64) bool { return random() < p },
		func(v, p float64) float64 { return v / p }))
	expectMessage(t, err, "this divides by p")
}
