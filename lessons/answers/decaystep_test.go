package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestDecayStepChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(w, g []float64, rate, decay float64) []float64
	with := func(rule func(w, g, rate, decay float64) float64) f {
		return func(w, g []float64, rate, decay float64) []float64 {
			return decayed(decayCase{w, g, rate, decay}, func(w, g float64) float64 { return rule(w, g, rate, decay) })
		}
	}
	testChecks(t, []func(f) error{lessons.CheckDecayStep, CheckDecayStepFurther},
		with(func(w, g, rate, decay float64) float64 { return w*(1-rate*decay) - rate*g }),
		wrongAnswer[f]{"no decay", with(func(w, g, rate, _ float64) float64 { return w - rate*g }), "the decay is missing"},
		wrongAnswer[f]{"growth", with(func(w, g, rate, decay float64) float64 { return w - rate*(g-decay*w) }), "makes the weights grow"},
		wrongAnswer[f]{"uphill", with(func(w, g, rate, decay float64) float64 { return w + rate*(g+decay*w) }), "uphill"},
		wrongAnswer[f]{"no rate", with(func(w, g, rate, decay float64) float64 { return w - rate*g - decay*w }), "not multiplied by the learning rate"},
		wrongAnswer[f]{"twice", with(func(w, g, rate, decay float64) float64 { return w - rate*(g+2*decay*w) }), "counts twice"},
		wrongAnswer[f]{"a constant", with(func(w, g, rate, decay float64) float64 { return w - rate*(g+decay) }), "does not depend on the weight"},
		wrongAnswer[f]{"nothing", with(func(w, _, _, _ float64) float64 { return w }), "the weights are as before"},
		wrongAnswer[f]{"another", with(func(w, g, rate, decay float64) float64 { return w - 3*rate*(g+decay*w) }), "w[i] becomes"},
		wrongAnswer[f]{"in place", func(w, _ []float64, _, _ float64) []float64 { w[0]++; return w }, "changes its argument"},
		wrongAnswer[f]{"stub", func(_, _ []float64, _, _ float64) []float64 { panic(stubPanic) }, "not written yet"},
	)
}
