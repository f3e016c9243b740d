package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleCrossEntropy() []lessons.Case {
	return each(crossEntropyCaseOf,
		entropyCase{[]float64{0, 1, 0}, []float64{0.25, 0.6, 0.15}},
		entropyCase{[]float64{1, 0, 0}, []float64{0.5, 0.5, 0}},
	)
}

// CheckCrossEntropyFurther checks CrossEntropy of certain and of impossible
// answers, and with targets that are not one-hot.
func CheckCrossEntropyFurther(crossEntropy func(target, probabilities []float64) float64) error {
	return check("CrossEntropy", crossEntropy, crossEntropyCaseOf,
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

// crossEntropyCaseOf is a call, with the right result and those of typical mistakes.
func crossEntropyCaseOf(k entropyCase) lessons.Case {
	want := crossEntropyOf(k.target, k.probabilities)
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
	var causes []lessons.Cause
	if math.IsInf(exchanged, 1) && k.target[0] != 1 {
		causes = append(causes, lessons.Gives(math.Inf(1), "the logarithm is taken of the target, which is 0 for all classes but one; take that of the probability"))
	}
	causes = append(causes, lessons.If(lessons.HasNaN, "probably 0·ln 0 was computed: it is 0 by definition, but 0 times -Inf is not a number on a computer; leave out the classes whose target is 0"))
	if math.IsInf(want, 1) {
		causes = append(causes, lessons.If(lessons.Finite, "the right class has probability 0, and that costs infinitely much: probably the probability is cut off, or something is added to it; leave it as it is"))
	}
	nearly := lessons.If(lessons.About, "nearly right: probably something small is added to the probabilities; take the logarithm of the probability itself").With(0.01)
	if want > 100 {
		nearly.When = ""
	}
	causes = append(causes, nearly,
		lessons.Gives(-want, "the minus is missing; the logarithm of a probability is negative, and the loss is positive"),
		lessons.Gives(want/math.Ln2, "this is in bits; the loss is in nats, with the natural logarithm, `math.Log`"),
		lessons.Gives(want/math.Ln10, "this is the logarithm to base 10; take the natural one, `math.Log`"),
		lessons.Gives(want/float64(len(k.target)), "this is the mean over the classes; the definition is a sum"),
		lessons.Gives(all, "the logarithms of all classes are added up; multiply each by its target first"),
		lessons.Gives(squares, "this is the squared error; the cross-entropy is made of logarithms"),
		lessons.Gives(squares/float64(len(k.target)), "this is the mean squared error; the cross-entropy is made of logarithms"),
		lessons.Gives(1-k.probabilities[likely], "1-p grows to 1 at most; take `-math.Log(p)`, which grows without limit"),
		lessons.Gives(k.probabilities[likely], "this is the probability of the right class; its loss is the negative logarithm of it"),
		lessons.Gives(surprise(k.probabilities[likely]), "only one class is counted; a target may spread over several, and each counts with its share"),
		lessons.Otherwise("it is minus the sum of `target[i]`·ln `probabilities[i]`"),
	)
	return lessons.One(want, causes, k.target, k.probabilities)
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
