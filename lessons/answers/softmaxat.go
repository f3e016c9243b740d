package answers

import "fashionlab/lessons"

func visibleSoftmaxAt() []lessons.Case {
	return each(softmaxAtCaseOf,
		temperatureCase{[]float64{1, 2, 3}, 2},
		temperatureCase{[]float64{1.5, 4, 2, 0.5}, 0.25},
		temperatureCase{[]float64{100, 101, 99}, 0.1},
	)
}

// CheckSoftmaxAtFurther checks SoftmaxAt with the temperature 1, with very high and
// very low ones, and with equal and large logits.
func CheckSoftmaxAtFurther(softmaxAt func(logits []float64, temperature float64) []float64) error {
	return check("SoftmaxAt", softmaxAt, softmaxAtCaseOf,
		temperatureCase{[]float64{1, 2, 3}, 1},
		temperatureCase{[]float64{-1, 3, 0.5, 2}, 50},
		temperatureCase{[]float64{2, 2, 2}, 0.5},
		temperatureCase{[]float64{4}, 3},
		temperatureCase{[]float64{1000, 1003, 999}, 5},
		temperatureCase{[]float64{-20, -21, -19.5}, 0.01},
	)
}

type temperatureCase struct {
	logits      []float64
	temperature float64
}

// softmaxAtCaseOf is a call, with the right result and those of typical mistakes.
func softmaxAtCaseOf(k temperatureCase) lessons.Case {
	want := softmaxAt(k.logits, k.temperature)
	after := softmaxOf(k.logits)
	for i := range after {
		after[i] /= k.temperature
	}
	divided := make([]float64, len(k.logits))
	for i, z := range k.logits {
		divided[i] = z / k.temperature
	}
	return lessons.One(want, []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a probability for each logit, so %d, not {length}", len(want)),
		lessons.Gives(softmaxAt(k.logits, 1/k.temperature), "the logits were multiplied by the temperature; divide them by it"),
		lessons.Gives(after, "the probabilities were divided by the temperature; divide the logits, before softmax"),
		lessons.Gives(softmaxOf(k.logits), "the temperature was not used; divide each logit by it"),
		lessons.Gives(divided, "these are the divided logits; the softmax of them is missing"),
		lessons.If(lessons.NotFinite, "an exponential became infinite, or all became 0; your `Softmax` of the divided logits subtracts the largest one"),
		lessons.If(lessons.WrongSum, "the probabilities sum to {sum}, not to 1").With(1),
		lessons.Otherwise("divide each logit by the temperature, and take the softmax of the result"),
	}, k.logits, k.temperature)
}

// softmaxAt is the reference.
func softmaxAt(logits []float64, temperature float64) []float64 {
	divided := make([]float64, len(logits))
	for i, z := range logits {
		divided[i] = z / temperature
	}
	return softmaxOf(divided)
}
