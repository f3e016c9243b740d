package answers

import (
	"fmt"
	"math"
	"slices"

	"fashionlab/lessons"
)

func visibleSoftmaxByFormula() []lessons.Case {
	return each(softmaxCaseOf,
		[]float64{1, 2, 3},
		[]float64{1.3, 5.1, 2.2, 0.7, 1.1},
	)
}

// CheckSoftmaxByFormulaFurther checks SoftmaxByFormula with negative and equal
// logits, and with one and with ten of them.
func CheckSoftmaxByFormulaFurther(softmax func(logits []float64) []float64) error {
	return check("SoftmaxByFormula", softmax, softmaxCaseOf,
		[]float64{0, 0, 0, 0},
		[]float64{-1, -3, -2},
		[]float64{7},
		[]float64{0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9, -1},
		[]float64{-20, 20},
	)
}

func visibleSoftmax() []lessons.Case {
	return each(softmaxCaseOf,
		[]float64{1, 2, 3},
		[]float64{1000, 1001, 999},
		[]float64{-1000, -1001, -999},
	)
}

// CheckSoftmaxFurther checks Softmax with other large logits, far apart and
// equal ones, and its properties: the probabilities sum to 1, adding the
// same number to all logits changes nothing, and the order stays.
func CheckSoftmaxFurther(softmax func(logits []float64) []float64) error {
	if err := check("Softmax", softmax, softmaxCaseOf,
		[]float64{1.3, 5.1, 2.2, 0.7, 1.1},
		[]float64{0, 0, 0, 0},
		[]float64{5},
		[]float64{0, -1e300, -750},
		[]float64{800, -800, 0},
		[]float64{-800, -2000},
		[]float64{1e6, 1e6},
		[]float64{0, 1000},
		[]float64{710, 709, 708, 707},
	); err != nil {
		return err
	}
	random := newRandom(7)
	for range 20 {
		z, moved := make([]float64, 10), make([]float64, 10)
		shift := math.Round(200 * random.NormFloat64())
		for i := range z {
			z[i] = 3 * random.NormFloat64()
			moved[i] = z[i] + shift
		}
		if err := check("Softmax", softmax, softmaxCaseOf, z); err != nil {
			return err
		}
		if err := check("Softmax", softmax, softmaxCaseOf, moved); err != nil {
			return fmt.Errorf("%w. (These are the logits of a call before, which was right, plus %s: that must change nothing)", err, lessons.Show(shift))
		}
	}
	return nil
}

// softmaxCaseOf is a call, with the right result and those of typical mistakes.
func softmaxCaseOf(z []float64) lessons.Case {
	want := softmaxOf(z)
	return lessons.One(want, softmaxCauses(z), z)
}

// softmaxCauses are the causes of a result that is not the softmax of z.
func softmaxCauses(z []float64) []lessons.Cause {
	top, bottom := slices.Max(z), slices.Min(z)
	broken := "a probability is a number between 0 and 1; probably something was divided by 0"
	switch {
	case top > 709:
		broken = fmt.Sprintf("probably because e^%s is more than a float64 holds, so that it becomes +Inf, and Inf/Inf is not a number (NaN); subtract the largest logit from all of them first", lessons.Show(top))
	case top < -745:
		broken = fmt.Sprintf("probably because e^%s is less than a float64 holds, so that all exponentials become 0, and 0/0 is not a number (NaN); subtract the largest logit from all of them first", lessons.Show(top))
	case top-bottom > 709:
		broken = "probably what is subtracted is not the largest logit, and the exponential of the difference is more than a float64 holds; subtract the largest one, so that no exponent is above 0"
	}
	n := float64(len(z))
	exponentials, linearShare, overLargest := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	overLogits, hard, logs := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	sigmoids, means, twos := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	onlyAbove, onlyBelow, reduced := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
	p := softmaxOf(z)
	sumOfTwos := 0.0
	for _, v := range z {
		sumOfTwos += math.Exp2(v)
	}
	for i, v := range z {
		exponentials[i] = math.Exp(v)
		reduced[i] = math.Exp(v - top)
		onlyAbove[i] = p[i] * math.Exp(-top)
		onlyBelow[i] = p[i] * math.Exp(top)
		linearShare[i] = v / total(z)
		overLogits[i] = math.Exp(v) / total(z)
		overLargest[i] = p[i] / p[largest(p)]
		logs[i] = math.Log(p[i])
		sigmoids[i] = 1 / (1 + math.Exp(-v))
		means[i] = math.Exp(v) / n
		twos[i] = math.Exp2(v) / sumOfTwos
	}
	hard[largest(z)] = 1
	flat := make([]float64, len(z))
	for i := range flat {
		flat[i] = 1 / n
	}
	running, carried := make([]float64, len(z)), 0.0
	for i := range z {
		carried += reduced[i]
		running[i] = reduced[i] / carried
	}
	return []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a probability for each logit, so %d, not {length}", len(z)),
		lessons.If(lessons.Overflown, "%s", broken),
		lessons.Gives(exponentials, "these are the exponentials; divide each by their sum"),
		lessons.Gives(overLargest, "divided by the largest exponential; divide by the sum of all of them"),
		lessons.Gives(linearShare, "these are the logits' shares of their sum; take the exponential of each logit first"),
		lessons.Gives(overLogits, "the exponentials are divided by the sum of the logits; divide by the sum of the exponentials"),
		lessons.Gives(logs, "these are the logarithms of the probabilities; leave the logarithm out"),
		lessons.Gives(sigmoids, "this is the sigmoid of each logit by itself, 1/(1+e^-z); divide e^z by the sum over all classes"),
		lessons.Gives(means, "divided by how many logits there are; divide by the sum of the exponentials"),
		lessons.Gives(running, "the sum is still growing while it is used; add up all exponentials in a first loop, and divide in a second one"),
		lessons.Gives(twos, "these are powers of 2; the exponential is `math.Exp`, to the base e"),
		lessons.Gives(onlyAbove, "the largest logit is subtracted above the fraction line but not below it; use the same exponentials in both places"),
		lessons.Gives(onlyBelow, "the largest logit is subtracted below the fraction line but not above it; use the same exponentials in both places"),
		lessons.Gives(flat, "all probabilities are equal, although the logits are not; large logits must not be cut off, only all of them moved by the same number"),
		lessons.Gives(hard, "this is argmax, all or nothing; every class gets e^z divided by the sum of the exponentials"),
		lessons.If(lessons.Outside, "each probability lies between 0 and 1, since it is a part of the sum of exponentials, which are all positive").With(0, 1),
		lessons.If(lessons.WrongSum, "the probabilities sum to {sum}, and not to 1; divide by the sum of all exponentials").With(1),
		lessons.Otherwise("probability i is e^z[i] divided by the sum of e^z[j] over all j"),
	}
}

// softmaxOf is the reference.
func softmaxOf(z []float64) []float64 {
	top := z[largest(z)]
	p := make([]float64, len(z))
	sum := 0.0
	for i, v := range z {
		p[i] = math.Exp(v - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}
