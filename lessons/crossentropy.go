package lessons

import "math"

// CheckCrossEntropy checks CrossEntropy(target, probabilities), the definition
// −Σ target[i]·ln probabilities[i], in which 0·ln 0 is 0.
func CheckCrossEntropy(crossEntropy func(target, probabilities []float64) float64) error {
	return checkCrossEntropy(crossEntropy,
		entropyCase{[]float64{0, 1, 0}, []float64{0.25, 0.6, 0.15}},
		entropyCase{[]float64{1, 0, 0}, []float64{0.5, 0.5, 0}},
	)
}

// CheckCrossEntropyFurther checks CrossEntropy of certain and of impossible
// answers, and with targets that are not one-hot.
func CheckCrossEntropyFurther(crossEntropy func(target, probabilities []float64) float64) error {
	return checkCrossEntropy(crossEntropy,
		entropyCase{[]float64{0, 0, 1}, []float64{0, 0, 1}},
		entropyCase{oneHotOf(3, 10), []float64{.1, .1, .1, .1, .1, .1, .1, .1, .1, .1}},
		entropyCase{[]float64{0, 1}, []float64{0.99, 0.01}},
		entropyCase{[]float64{0.5, 0.25, 0.25, 0}, []float64{0.4, 0.1, 0.3, 0.2}},
		entropyCase{[]float64{0.5, 0.5}, []float64{0.5, 0.5}},
		entropyCase{[]float64{1, 0}, []float64{0, 1}},
		entropyCase{[]float64{0, 1}, []float64{1 - 1e-300, 1e-300}},
	)
}

type entropyCase struct{ target, probabilities []float64 }

func checkCrossEntropy(crossEntropy func(target, probabilities []float64) float64, cases ...entropyCase) error {
	for _, k := range cases {
		call := callOf("CrossEntropy", k.target, k.probabilities)
		var got float64
		if err := call.run(func() { got = crossEntropy(k.target, k.probabilities) }); err != nil {
			return err
		}
		want := crossEntropyOf(k.target, k.probabilities)
		if alike(got, want) {
			continue
		}
		surprise := func(p float64) float64 {
			if p == 0 {
				return 0
			}
			return -math.Log(p)
		}
		all, exchanged, squares := 0.0, 0.0, 0.0
		for i, y := range k.target {
			all += surprise(k.probabilities[i])
			exchanged -= k.probabilities[i] * math.Log(y)
			squares += (y - k.probabilities[i]) * (y - k.probabilities[i])
		}
		likely := largest(k.target)
		cause := likelyCause(got, alike, "it is minus the sum of target[i]·ln(probabilities[i])",
			mistake[float64]{-want, "the minus is missing; the logarithm of a probability is negative, and the loss is positive"},
			mistake[float64]{want / math.Ln2, "this is in bits; the loss is in nats, with the natural logarithm, math.Log"},
			mistake[float64]{want / math.Ln10, "this is the logarithm to base 10; take the natural one, math.Log"},
			mistake[float64]{want / float64(len(k.target)), "this is the mean over the classes; the definition is a sum"},
			mistake[float64]{all, "the logarithms of all classes are added up; multiply each by its target first"},
			mistake[float64]{squares, "this is the squared error; the cross-entropy is made of logarithms"},
			mistake[float64]{squares / float64(len(k.target)), "this is the mean squared error; the cross-entropy is made of logarithms"},
			mistake[float64]{1 - k.probabilities[likely], "1-p grows to 1 at most; take -math.Log(p), which grows without limit"},
			mistake[float64]{k.probabilities[likely], "this is the probability of the right class; its loss is the negative logarithm of it"},
			mistake[float64]{surprise(k.probabilities[likely]), "only one class is counted; a target may spread over several, and each counts with its share"},
		)
		switch {
		case math.IsInf(got, 1) && math.IsInf(exchanged, 1) && k.target[0] != 1:
			cause = "the logarithm is taken of the target, which is 0 for all classes but one; take that of the probability"
		case math.IsNaN(got):
			cause = "0·ln 0 is 0 by definition, but 0 times -Inf is not a number on a computer; leave out the classes whose target is 0"
		case math.IsInf(want, 1) && !math.IsInf(got, 0):
			cause = "the right class has probability 0, and that costs infinitely much; do not cut the probability off or add something to it"
		case !math.IsInf(got, 0) && math.Abs(got-want) < 0.01*math.Abs(want) || want > 100:
			cause = "nearly right, as if something small was added to the probabilities; take the logarithm of the probability itself"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// crossEntropyOf is the reference.
func crossEntropyOf(target, probabilities []float64) float64 {
	sum := 0.0
	for i, y := range target {
		if y > 0 {
			sum -= y * math.Log(probabilities[i])
		}
	}
	return sum
}
