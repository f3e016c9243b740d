package lessons

import "math"

// CheckLogSumExp checks LogSumExp(logits) = ln Σ e^z, for logits of any size.
func CheckLogSumExp(logSumExp func(logits []float64) float64) error {
	return checkLogSumExp(logSumExp,
		[]float64{1, 2, 3},
		[]float64{1000, 1001, 999},
	)
}

// CheckLogSumExpFurther checks LogSumExp of very negative logits, of some far
// apart, of equal ones and of one.
func CheckLogSumExpFurther(logSumExp func(logits []float64) float64) error {
	return checkLogSumExp(logSumExp,
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

func checkLogSumExp(logSumExp func(logits []float64) float64, cases ...[]float64) error {
	for _, z := range cases {
		call := callOf("LogSumExp", z)
		var got float64
		if err := call.run(func() { got = logSumExp(z) }); err != nil {
			return err
		}
		want := logSumExpOf(z)
		if alike(got, want) {
			continue
		}
		top := z[largest(z)]
		cause := likelyCause(got, alike, "take the exponential of each logit, add them up, and take the logarithm of the sum",
			mistake[float64]{want - top, "the largest logit was subtracted and not added again: ln Σ e^z = m + ln Σ e^(z-m)"},
			mistake[float64]{want - 2*top, "the largest logit was subtracted twice; add it again after the logarithm"},
			mistake[float64]{want + top, "the largest logit is added, but was not subtracted from the exponents"},
			mistake[float64]{math.Exp(want), "this is the sum of the exponentials; take its logarithm"},
			mistake[float64]{math.Exp(want - top), "this is the sum of the exponentials after the largest logit was subtracted; take its logarithm, and add the largest logit again"},
			mistake[float64]{want - math.Log(float64(len(z))), "this is the logarithm of the mean; add up the exponentials, and do not divide"},
			mistake[float64]{want / math.Ln2, "this is the logarithm to base 2; take the natural one, math.Log"},
			mistake[float64]{want / math.Ln10, "this is the logarithm to base 10; take the natural one, math.Log"},
			mistake[float64]{math.Log(math.Abs(total(z))), "the exponentials are missing; take math.Exp of each logit"},
			mistake[float64]{total(z), "the logarithm of each exponential is its logit; add up the exponentials first, and take one logarithm of their sum"},
			mistake[float64]{top, "this is the largest logit alone; add the logarithm of the sum of e^(z-m)"},
		)
		switch {
		case math.IsInf(got, 1) && top > 709:
			cause = "e^" + show(top) + " is more than a float64 holds; take the largest logit m out first: ln Σ e^z = m + ln Σ e^(z-m)"
		case math.IsInf(got, -1) && top < -700:
			cause = "all exponentials are less than a float64 holds, and the logarithm of 0 is -Inf; take the largest logit m out first: ln Σ e^z = m + ln Σ e^(z-m)"
		case math.IsInf(got, 0) || math.IsNaN(got):
			cause = "what is taken out is not the largest logit, or it is not the same number at both places: ln Σ e^z = m + ln Σ e^(z-m)"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
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
