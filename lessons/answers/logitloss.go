package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleCrossEntropyFromLogits() []lessons.Case {
	return each(logitLossCaseOf,
		logitsCase{[]float64{1, 2, 3}, 1},
		logitsCase{[]float64{1000, 1001}, 0},
		logitsCase{[]float64{1000, 0}, 1},
	)
}

// CheckCrossEntropyFromLogitsFurther checks CrossEntropyFromLogits where the
// model is certain and right, certain and wrong, and undecided.
func CheckCrossEntropyFromLogitsFurther(loss func(logits []float64, label int) float64) error {
	if err := check("CrossEntropyFromLogits", loss, logitLossCaseOf,
		logitsCase{[]float64{0, 0, 0, 0}, 1},
		logitsCase{make([]float64, 10), 9},
		logitsCase{[]float64{-1000, 0, 1000}, 0},
		logitsCase{[]float64{-1000, -1001}, 0},
		logitsCase{[]float64{50, 0, 0}, 0},
		logitsCase{[]float64{5}, 0},
		logitsCase{[]float64{-2, 1, 0.5}, 0},
	); err != nil {
		return err
	}
	random := newRandom(11)
	for range 20 {
		z := make([]float64, 10)
		for i := range z {
			z[i] = 4 * random.NormFloat64()
		}
		if err := check("CrossEntropyFromLogits", loss, logitLossCaseOf, logitsCase{z, random.IntN(10)}); err != nil {
			return err
		}
	}
	return nil
}

type logitsCase struct {
	logits []float64
	label  int
}

// logitLossCaseOf is a call, with the right result and those of typical mistakes.
func logitLossCaseOf(k logitsCase) lessons.Case {
	z, label := k.logits, k.label
	want := logitLoss(z, label)
	p := math.Exp(-want)
	causes := []lessons.Cause{lessons.If(lessons.HasNaN, "probably an exponential became +Inf, or all became 0; use `LogSumExp`, which takes the largest logit out first")}
	if want < 1e6 {
		causes = append(causes, lessons.If(lessons.NotFinite, "probably the probability of the right class, which is less than a float64 holds, becomes 0, whose logarithm is infinite; do not compute the probability at all: the loss is `LogSumExp(logits) - logits[label]`"))
	}
	causes = append(causes,
		lessons.Gives(-want, "the sign is wrong: the loss is ln Σ e^z minus the logit of the right class, and never negative"),
		lessons.Gives(want+2*z[label], "the logit of the right class is added; subtract it"),
		lessons.Gives(logSumExpOf(z), "the logit of the right class is missing; subtract it from ln Σ e^z"),
		lessons.Gives(-z[label], "ln Σ e^z is missing; add it"),
		lessons.Gives(want/math.Ln2, "this is in bits; the loss is in nats, with the natural logarithm, `math.Log`"),
		lessons.Gives(want/float64(len(z)), "this is divided by the number of classes; the loss of one image is not a mean"),
		lessons.Gives(p, "this is the probability of the right class; its loss is the negative logarithm of it"),
		lessons.Gives(1-p, "1-p grows to 1 at most; the loss is -ln p, which grows without limit"),
		lessons.Gives(logitLoss(z, largest(z)), "this is the loss of the predicted class; take the logit of the label"),
		lessons.Gives(math.Log(math.Abs(exponentialTotal(z)-math.Exp(z[label]))), "the right class is missing in the sum; Σ e^z is over all classes"),
		lessons.Otherwise("the loss is `LogSumExp(logits)` minus `logits[label]`"),
	)
	return lessons.One(want, causes, z, label)
}

// exponentialTotal is Σ e^z without any care.
func exponentialTotal(z []float64) float64 {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	return sum
}

// logitLoss is the reference.
func logitLoss(z []float64, label int) float64 {
	return logSumExpOf(z) - z[label]
}
