package answers

import "fashionlab/lessons"

// A decayCase is what a step with weight decay needs.
type decayCase struct {
	w, g        []float64
	rate, decay float64
}

func visibleDecayStep() []lessons.Case {
	return each(decayStepCaseOf,
		decayCase{[]float64{4, -2, 0}, []float64{1, 3, -2}, 0.25, 0.5},
		decayCase{[]float64{2, -8}, []float64{0, 0}, 0.125, 0.25})
}

// CheckDecayStepFurther checks no decay, no gradient, and other numbers.
func CheckDecayStepFurther(f func(w, g []float64, rate, decay float64) []float64) error {
	return check("DecayStep", f, decayStepCaseOf,
		decayCase{[]float64{3, -1}, []float64{0.5, 2}, 0.125, 0},
		decayCase{[]float64{5}, []float64{0}, 2, 0.125},
		decayCase{[]float64{1, 2, -3, 4}, []float64{-4, 3, 2, 0.25}, 0.1, 0.01})
}

// decayed computes each weight with a rule.
func decayed(k decayCase, rule func(w, g float64) float64) []float64 {
	out := make([]float64, len(k.w))
	for i := range out {
		out[i] = rule(k.w[i], k.g[i])
	}
	return out
}

// decayStepOf is the reference.
func decayStepOf(k decayCase) []float64 {
	return decayed(k, func(w, g float64) float64 { return w - k.rate*(g+k.decay*w) })
}

// decayStepCaseOf is a call, with the right result and those of typical mistakes.
func decayStepCaseOf(k decayCase) lessons.Case {
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "gives {length} weights, expected %d: as many as there were", len(k.w)).Alone(),
		lessons.Gives(k.w, "the weights are as before; subtract rate·(g + decay·w)"),
		lessons.Gives(decayed(k, func(w, g float64) float64 { return w - k.rate*g }), "the decay is missing: add decay·w to the gradient"),
		lessons.Gives(decayed(k, func(w, g float64) float64 { return w - k.rate*(g-k.decay*w) }), "this makes the weights grow: the decay is added to the gradient, so that it moves a weight towards 0"),
		lessons.Gives(decayed(k, func(w, g float64) float64 { return w + k.rate*(g+k.decay*w) }), "the step goes uphill; subtract it"),
		lessons.Gives(decayed(k, func(w, g float64) float64 { return w - k.rate*g - k.decay*w }), "the decay is not multiplied by the learning rate; it is a part of the gradient"),
		lessons.Gives(decayed(k, func(w, g float64) float64 { return w - k.rate*(g+2*k.decay*w) }), "the decay counts twice: the penalty is decay/2·w², and its derivative decay·w"),
		lessons.Gives(decayed(k, func(w, g float64) float64 { return w - k.rate*(g+k.decay) }), "the decay does not depend on the weight; add decay·w, which is large for large weights"),
		lessons.Otherwise("w[i] becomes w[i] − rate·(g[i] + decay·w[i])"),
	}
	return lessons.One(decayStepOf(k), causes, k.w, k.g, k.rate, k.decay)
}
