package answers

import "fashionlab/lessons"

func visibleMomentumStep() []lessons.Case {
	return each(momentumStepCaseOf,
		momentumCase{[]float64{1, -2, 0.5}, []float64{0.5, -1, 4}, []float64{2, 1, -3}, 0.25, 0.75})
}

// CheckMomentumStepFurther checks MomentumStep without momentum, from rest, and with
// gradients of zero.
func CheckMomentumStepFurther(step func(w, g, v []float64, rate, momentum float64) ([]float64, []float64)) error {
	return check("MomentumStep", step, momentumStepCaseOf,
		momentumCase{[]float64{1, -2}, []float64{3, 0.5}, []float64{7, -7}, 0.1, 0},
		momentumCase{[]float64{1, -2, 4}, []float64{3, 0.5, -1}, []float64{0, 0, 0}, 0.01, 0.9},
		momentumCase{[]float64{5}, []float64{0}, []float64{-2}, 0.5, 0.9},
		momentumCase{randomRows(141, 1, 30)[0], randomRows(142, 1, 30)[0], randomRows(143, 1, 30)[0], 0.003, 0.99},
	)
}

type momentumCase struct {
	w, g, v        []float64
	rate, momentum float64
}

// momentumStepCaseOf is a call, with the right results and those of typical mistakes.
func momentumStepCaseOf(k momentumCase) lessons.Case {
	rate, mu := k.rate, k.momentum
	// with is the element-wise result of another rule.
	with := func(rule func(w, g, v float64) float64) []float64 {
		out := make([]float64, len(k.w))
		for i := range out {
			out[i] = rule(k.w[i], k.g[i], k.v[i])
		}
		return out
	}
	newW, newV := momentumStepOf(k.w, k.g, k.v, rate, mu)
	return lessons.Case{
		Arguments: []any{k.w, k.g, k.v, rate, mu},
		Results: []lessons.Result{
			{Verb: "gives newW = {got}", Want: newW, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} values of newW, expected %d: one for each weight", len(newW)).Alone(),
				lessons.Gives(k.w, "the weights have not changed; subtract rate times the new velocity"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w + rate*(mu*v+g) }), "this goes uphill: subtract rate times the new velocity"),
				lessons.Gives(with(func(w, g, _ float64) float64 { return w - rate*g }), "this is a step without momentum: subtract rate times the new velocity, and not rate times the gradient"),
				lessons.Gives(with(func(w, _, v float64) float64 { return w - rate*v }), "this step uses the old velocity; compute the new one first, and use that"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w - (mu*v + g) }), "the learning rate is missing: multiply the new velocity by it"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w - rate*(mu*v+(1-mu)*g) }), "the gradient is multiplied by 1 − momentum, as in Adam; momentum here is momentum·v + g"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w - mu*v - rate*g }), "the learning rate belongs to the whole velocity: rate·(momentum·v + g)"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w + mu*v - rate*g }), "this velocity contains the learning rate and points downhill; here it is momentum·v + g, and the step subtracts rate times it"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w - rate*(v+g) }), "the old velocity is kept whole; multiply it by momentum"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w - rate*(v+mu*g) }), "momentum belongs to the old velocity, and not to the gradient"),
				lessons.Gives(with(func(w, g, v float64) float64 { return w - rate*(g+mu*(mu*v+g)) }), "this is Nesterov's momentum; subtract rate times the new velocity itself"),
				lessons.Otherwise("newV[i] is momentum·v[i] + g[i], and newW[i] is w[i] − rate·newV[i]"),
			}},
			{Verb: "gives newV = {got}", Want: newV, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} values of newV, expected %d: one for each weight", len(newV)).Alone(),
				lessons.Gives(k.v, "this is the old velocity; return the new one, which the next step needs"),
				lessons.Gives(mapped(newV, func(v float64) float64 { return v * rate }), "the velocity is returned with the learning rate in it; return momentum·v + g"),
				lessons.Gives(mapped(newV, func(v float64) float64 { return -v }), "the sign of the velocity is wrong; it is momentum·v + g"),
				lessons.Gives(k.g, "this is the gradient; the velocity is momentum·v + g"),
				lessons.Otherwise("newV[i] is momentum·v[i] + g[i]; the weights are right"),
			}},
		},
	}
}

// momentumStepOf is the reference.
func momentumStepOf(w, g, v []float64, rate, momentum float64) (newW, newV []float64) {
	newW, newV = make([]float64, len(w)), make([]float64, len(w))
	for i := range w {
		newV[i] = momentum*v[i] + g[i]
		newW[i] = w[i] - rate*newV[i]
	}
	return newW, newV
}
