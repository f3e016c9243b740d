package answers

import (
	"math"
	"slices"

	"fashionlab/lessons"
)

func visibleLoss() []lessons.Case {
	return each(lossCaseOf,
		logitsCase{[]float64{1, 3, -0.5}, 2},
		logitsCase{[]float64{1000, 1002}, 1},
	)
}

// CheckLossFurther checks Loss with other numbers of classes, equal logits and large ones,
// and its gradients against central differences.
func CheckLossFurther(loss func(logits []float64, label int) (float64, []float64)) error {
	return check("Loss", loss, lossCaseOf,
		logitsCase{[]float64{0, 0, 0, 0}, 1},
		logitsCase{[]float64{2.5}, 0},
		logitsCase{[]float64{-800, -802, -799}, 0},
		logitsCase{[]float64{0.5, -1, 2, 0.25, 1.5, -3, 0, 1, 0.75, -0.5}, 9},
		logitsCase{[]float64{5000, 0, -5000}, 0},
	)
}

// lossCaseOf is a call, with the right result and those of typical mistakes.
func lossCaseOf(k logitsCase) lessons.Case {
	z, n := k.logits, len(k.logits)
	want := logitLoss(z, k.label)
	measured := centralDifferences(func(z []float64) float64 { return logitLoss(z, k.label) }, z, 1e-5)
	largest := slices.Max(z)
	causes := []lessons.Cause{
		lessons.If(lessons.NotFinite, "an exponential overflows, or a logarithm is one of 0; subtract the largest logit before Exp, and add it again after Log"),
		lessons.Gives(-want, "the sign is wrong; the loss is log-sum-exp minus the right logit"),
		lessons.Gives(logSumExpOf(z), "the right logit is not subtracted"),
		lessons.Gives(want-largest, "the largest logit was taken out and not added again"),
		lessons.Gives(math.Exp(-want), "this is the probability of the right class; the loss is -log of it"),
		lessons.Gives(logSumExpOf(z)-z[0], "this is the loss of the label 0; subtract logits[label]"),
		lessons.Gives(want/float64(n), "the loss is divided by the number of classes; it is a sum"),
		lessons.Otherwise("the loss is the largest logit plus the logarithm of the sum of exp(logit - largest), minus logits[label]"),
	}
	softmax := slices.Clone(measured)
	softmax[k.label]++
	minus := make([]float64, n)
	minus[k.label] = -1
	return lessons.Case{
		Arguments: []any{k.logits, k.label},
		Results: []lessons.Result{
			{Want: want, Causes: causes},
			{Verb: "has the gradients", Want: measured, Within: 1e-6, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "there is a gradient for each of the %d logits, not {length}", n),
				lessons.Gives(make([]float64, n), "the loss is right, but cut off from the graph; compute with Exp, Add, Log and Sub on the Values, and not with their Data"),
				lessons.Gives(softmax, "the right logit is cut off from the graph; Sub logits[label] itself, and not its Data"),
				lessons.Gives(minus, "log-sum-exp is cut off from the graph; use Exp, Add and Log, and not functions of math, on all but the largest logit"),
				lessons.Otherwise("the loss is right, and the graph behind it is not: softmax minus one-hot is what Backward should give"),
			}},
		},
	}
}

// lossOf is the reference.
func lossOf(logits []float64, label int) (loss float64, gradients []float64) {
	return logitLoss(logits, label), lossGradient(logits, label)
}
