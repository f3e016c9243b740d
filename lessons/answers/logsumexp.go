package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleLogSumExp() []lessons.Case {
	return each(logSumExpCaseOf,
		[]float64{1, 2, 3},
		[]float64{1000, 1001, 999},
	)
}

// CheckLogSumExpFurther checks LogSumExp of very negative logits, of some far
// apart, of equal ones and of one.
func CheckLogSumExpFurther(logSumExp func(logits []float64) float64) error {
	return check("LogSumExp", logSumExp, logSumExpCaseOf,
		[]float64{0, 0, 0, 0},
		[]float64{-1000, -1001, -999},
		[]float64{5},
		[]float64{-3},
		[]float64{0, -1e300, -750},
		[]float64{800, -800, 0},
		[]float64{710, 709, 708, 707},
		[]float64{1.3, 5.1, 2.2, 0.7, 1.1},
	)
}

// logSumExpCaseOf is a call, with the right result and those of typical mistakes.
func logSumExpCaseOf(z []float64) lessons.Case {
	want := logSumExpOf(z)
	top := z[largest(z)]
	var causes []lessons.Cause
	if top > 709 {
		causes = append(causes, lessons.Gives(math.Inf(1), "e^%s is more than a float64 holds; take the largest logit m out first: ln Σ e^z = m + ln Σ e^(z-m)", lessons.Show(top)))
	}
	if top < -700 {
		causes = append(causes, lessons.Gives(math.Inf(-1), "all exponentials are less than a float64 holds, and the logarithm of 0 is -Inf; take the largest logit m out first: ln Σ e^z = m + ln Σ e^(z-m)"))
	}
	causes = append(causes,
		lessons.If(lessons.NotFinite, "probably what is taken out is not the largest logit, or it is not the same number at both places: ln Σ e^z = m + ln Σ e^(z-m)"),
		lessons.Gives(want-top, "the largest logit was subtracted and not added again: ln Σ e^z = m + ln Σ e^(z-m)"),
		lessons.Gives(want-2*top, "the largest logit was subtracted twice; add it again after the logarithm"),
		lessons.Gives(want+top, "the largest logit is added, but was not subtracted from the exponents"),
		lessons.Gives(math.Exp(want), "this is the sum of the exponentials; take its logarithm"),
		lessons.Gives(math.Exp(want-top), "this is the sum of the exponentials after the largest logit was subtracted; take its logarithm, and add the largest logit again"),
		lessons.Gives(want-math.Log(float64(len(z))), "this is the logarithm of the mean; add up the exponentials, and do not divide"),
		lessons.Gives(want/math.Ln2, "this is the logarithm to base 2; take the natural one, `math.Log`"),
		lessons.Gives(want/math.Ln10, "this is the logarithm to base 10; take the natural one, `math.Log`"),
		lessons.Gives(math.Log(math.Abs(total(z))), "the exponentials are missing; take `math.Exp` of each logit"),
		lessons.Gives(total(z), "the logarithm of each exponential is its logit; add up the exponentials first, and take one logarithm of their sum"),
		lessons.Gives(top, "this is the largest logit alone; add the logarithm of the sum of e^(z-m)"),
		lessons.Otherwise("take the exponential of each logit, add them up, and take the logarithm of the sum"),
	)
	return lessons.One(want, causes, z)
}

// logSumExpOf is the reference.
func logSumExpOf(z []float64) float64 {
	top := z[largest(z)]
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}
