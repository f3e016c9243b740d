package answers

import "fashionlab/lessons"

func visibleGradient() []lessons.Case {
	return each(gradientCaseOf,
		logitsCase{[]float64{1, 2, 3}, 0},
		logitsCase{[]float64{0, 0}, 1},
	)
}

// CheckGradientFurther checks Gradient on large logits and on random ones, whose
// derivatives must sum to 0.
func CheckGradientFurther(gradient func(logits []float64, label int) []float64) error {
	cases := []logitsCase{
		{[]float64{1000, 1001, 999}, 2},
		{[]float64{-1000, 0, 1000}, 0},
		{[]float64{3}, 0},
		{make([]float64, 10), 9},
	}
	random := newRandom(13)
	for range 20 {
		z := make([]float64, 10)
		for i := range z {
			z[i] = 4 * random.NormFloat64()
		}
		cases = append(cases, logitsCase{z, random.IntN(10)})
	}
	return check("Gradient", gradient, gradientCaseOf, cases...)
}

// gradientCaseOf is a call, with the right result and those of typical mistakes.
func gradientCaseOf(k logitsCase) lessons.Case {
	z, label := k.logits, k.label
	want := lossGradient(z, label)
	p := softmaxOf(z)
	negative, mean := make([]float64, len(z)), make([]float64, len(z))
	sigmoid, logarithm := make([]float64, len(z)), make([]float64, len(z))
	raw, onlyLabel, added := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	predicted, one := make([]float64, len(z)), make([]float64, len(z))
	for i := range z {
		negative[i] = -want[i]
		mean[i] = want[i] / float64(len(z))
		sigmoid[i] = p[i] * (1 - p[i])
		added[i] = p[i] - (want[i] - p[i])
		raw[i] = z[i] + want[i] - p[i]
		predicted[i] = p[i]
		one[i] = p[i] - 1
	}
	predicted[largest(z)]--
	onlyLabel[label] = want[label]
	logarithm[label] = -1 / p[label]
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a derivative for each of the %d logits, not {length}", len(z)),
		lessons.If(lessons.HasNaN, "probably an exponential became +Inf; use your stable softmax, which subtracts the largest logit first"),
		lessons.Gives(negative, "the sign is wrong: softmax minus one-hot. A gradient points to where the loss grows, and the loss shrinks when the right logit grows"),
		lessons.Gives(p, "these are the probabilities; subtract 1 from that of the right class"),
		lessons.Gives(predicted, "the 1 is subtracted from the most probable class; subtract it from the class of the label"),
		lessons.Gives(one, "1 is subtracted from every class; subtract it from the right one only"),
		lessons.Gives(added, "1 is added to the right class; subtract it"),
		lessons.Gives(onlyLabel, "only the right class has a derivative here; the other logits change the loss, too, through the sum below the fraction line"),
		lessons.Gives(logarithm, "this is the derivative with respect to the probability, -1/p; the one with respect to the logit also goes through softmax, and is p - 1"),
		lessons.Gives(sigmoid, "p(1-p) is the derivative of the sigmoid; the loss has a logarithm around it, and the derivative becomes p - y"),
		lessons.Gives(mean, "divided by the number of classes; leave that out"),
		lessons.Gives(raw, "the logits are used as they are; put them through softmax first"),
		lessons.Otherwise("the derivative is the probability of each class, less 1 for the right one"),
	}
	return lessons.One(want, causes, z, label)
}

// lossGradient is the reference: ∂/∂z of logitLoss.
func lossGradient(z []float64, label int) []float64 {
	g := softmaxOf(z)
	g[label]--
	return g
}
