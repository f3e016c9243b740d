package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleAdamStep() []lessons.Case {
	return each(adamStepCaseOf,
		adamCase{[]float64{1, -2, 0.5}, []float64{0.5, -1, 0.0001}, []float64{0.25, 0.5, -0.0002}, []float64{0.04, 0.25, 1e-8}, 3, 0.125})
}

// CheckAdamStepFurther checks AdamStep in its first and in a late step, and with gradients of zero.
func CheckAdamStepFurther(step func(w, g, m, s []float64, t int, rate float64) ([]float64, []float64, []float64)) error {
	return check("AdamStep", step, adamStepCaseOf,
		adamCase{[]float64{1, -2, 3}, []float64{3, -0.001, 200}, []float64{0, 0, 0}, []float64{0, 0, 0}, 1, 0.01},
		adamCase{[]float64{1, 2}, []float64{0, 4}, []float64{0, 0}, []float64{0, 0}, 1, 0.5},
		adamCase{[]float64{1, -2}, []float64{0.25, 1e-6}, []float64{0.5, 2e-6}, []float64{0.125, 1e-12}, 1000, 0.1},
	)
}

type adamCase struct {
	w, g, m, s []float64
	t          int
	rate       float64
}

// PyTorch's defaults.
const beta1, beta2, epsilon = 0.9, 0.999, 1e-8

// adamStepCaseOf is a call, with the right results and those of typical mistakes.
func adamStepCaseOf(k adamCase) lessons.Case {
	newW, newM, newS := adamStepOf(k.w, k.g, k.m, k.s, k.t, k.rate)
	power := func(beta float64, t int) float64 { return 1 - math.Pow(beta, float64(t)) }
	c1, c2 := power(beta1, k.t), power(beta2, k.t)
	// moved is the step of another rule, given the new m and s.
	moved := func(step func(g, m, s float64) float64) []float64 {
		out := make([]float64, len(k.w))
		for i := range out {
			out[i] = k.w[i] - k.rate*step(k.g[i], newM[i], newS[i])
		}
		return out
	}
	right := func(_, m, s float64) float64 { return m / c1 / (math.Sqrt(s/c2) + epsilon) }
	corrected := func(c1, c2 float64) []float64 {
		return moved(func(_, m, s float64) float64 { return m / c1 / (math.Sqrt(s/c2) + epsilon) })
	}
	uphill, withoutRate, swapped, notSquared := make([]float64, len(k.w)), make([]float64, len(k.w)), make([]float64, len(k.w)), make([]float64, len(k.w))
	for i, w := range k.w {
		uphill[i] = w + k.rate*right(k.g[i], newM[i], newS[i])
		withoutRate[i] = w - right(k.g[i], newM[i], newS[i])
		m, s := beta2*k.m[i]+(1-beta2)*k.g[i], beta1*k.s[i]+(1-beta1)*k.g[i]*k.g[i]
		swapped[i] = w - k.rate*m/c2/(math.Sqrt(s/c1)+epsilon)
		notSquared[i] = w - k.rate*right(k.g[i], newM[i], beta2*k.s[i]+(1-beta2)*k.g[i])
	}
	means := func(name, rule string, want, old, g []float64, beta, c float64) []lessons.Cause {
		added := make([]float64, len(old))
		for i := range old {
			added[i] = beta*old[i] + g[i]
		}
		return []lessons.Cause{
			lessons.If(lessons.WrongLength, "gives {length} values of %s, expected %d: one for each weight", name, len(want)).Alone(),
			lessons.Gives(mapped(want, func(v float64) float64 { return v / c }), "%s is returned with the correction; keep it without, and divide only where the step uses it", name),
			lessons.Gives(old, "%s has not changed; return the new one, which the next step needs", name),
			lessons.Gives(added, "%s is returned without the factor 1 − β of the new part", name),
			lessons.Otherwise("%s; the weights are right", rule),
		}
	}
	squares := mapped(k.g, func(g float64) float64 { return g * g })
	return lessons.Case{
		Arguments: []any{k.w, k.g, k.m, k.s, k.t, k.rate},
		Results: []lessons.Result{
			{Verb: "gives newW = {got}", Want: newW, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} values of newW, expected %d: one for each weight", len(newW)).Alone(),
				lessons.Gives(notSquared, "the second mean is of the gradients; take that of their squares"),
				lessons.If(lessons.HasNaN, "a weight is not a number: probably 0 was divided by 0; add ε to the root, and count the steps from 1"),
				lessons.If(lessons.NotFinite, "a weight is infinite: probably something was divided by 0; add ε to the root, and count the steps from 1"),
				lessons.Gives(k.w, "the weights have not changed"),
				lessons.Gives(uphill, "this goes uphill: subtract the step"),
				lessons.Gives(withoutRate, "the learning rate is missing"),
				lessons.Gives(corrected(1, 1), "the corrections are missing: divide m by 1 − 0.9ᵗ, and s by 1 − 0.999ᵗ"),
				lessons.Gives(corrected(c1, 1), "the correction of s is missing: divide it by 1 − 0.999ᵗ before the square root"),
				lessons.Gives(corrected(1, c2), "the correction of m is missing: divide it by 1 − 0.9ᵗ"),
				lessons.Gives(corrected(power(beta1, k.t-1), power(beta2, k.t-1)), "the exponent of the corrections is t − 1; t counts from 1 already, so take t"),
				lessons.Gives(corrected(power(beta1, k.t+1), power(beta2, k.t+1)), "the exponent of the corrections is t + 1; t counts from 1 already, so take t"),
				lessons.Gives(corrected(1-beta1, 1-beta2), "the corrections do not depend on t: divide by 1 − 0.9ᵗ and 1 − 0.999ᵗ"),
				lessons.Gives(moved(func(_, m, s float64) float64 { return m / c1 / math.Sqrt(s/c2+epsilon) }), "ε is under the square root; add it to the root"),
				lessons.Gives(moved(func(_, m, s float64) float64 { return m / c1 / math.Sqrt(s/c2) }), "ε is missing: add it to the square root"),
				lessons.Gives(moved(func(_, m, s float64) float64 { return m / c1 / (math.Sqrt(s/c2 + epsilon*epsilon)) }), "ε is under the square root, squared; add it to the root"),
				lessons.Gives(moved(func(_, m, s float64) float64 { return m / c1 / (math.Sqrt(s) + epsilon) * math.Sqrt(c2) }), "ε is added before the correction of s; correct s first, take the root, and then add ε"),
				lessons.Gives(moved(func(_, m, s float64) float64 { return m / c1 / (s/c2 + epsilon) }), "the square root is missing: divide by the root of the corrected s"),
				lessons.Gives(moved(func(g, _, s float64) float64 { return g / (math.Sqrt(s/c2) + epsilon) }), "the step goes along the gradient; it goes along the mean m"),
				lessons.Gives(moved(func(_, m, _ float64) float64 { return m / c1 }), "the division by the root of s is missing"),
				lessons.Gives(moved(func(g, _, _ float64) float64 { return g }), "this is plain gradient descent: divide the mean m by the root of s"),
				lessons.Gives(swapped, "the two β are exchanged: 0.9 is for m, and 0.999 for s"),
				lessons.Otherwise("with the new m and s: newW is w − rate · (m / (1 − 0.9ᵗ)) / (√(s / (1 − 0.999ᵗ)) + ε)"),
			}},
			{Verb: "gives newM = {got}", Want: newM, Causes: means("newM", "newM is 0.9·m + 0.1·g", newM, k.m, k.g, beta1, c1)},
			{Verb: "gives newS = {got}", Want: newS, Causes: means("newS", "newS is 0.999·s + 0.001·g²", newS, k.s, squares, beta2, c2)},
		},
	}
}

// adamStepOf is the reference.
func adamStepOf(w, g, m, s []float64, t int, rate float64) (newW, newM, newS []float64) {
	newW, newM, newS = make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	c1, c2 := 1-math.Pow(beta1, float64(t)), 1-math.Pow(beta2, float64(t))
	for i := range w {
		newM[i] = beta1*m[i] + (1-beta1)*g[i]
		newS[i] = beta2*s[i] + (1-beta2)*g[i]*g[i]
		newW[i] = w[i] - rate*(newM[i]/c1)/(math.Sqrt(newS[i]/c2)+epsilon)
	}
	return newW, newM, newS
}
