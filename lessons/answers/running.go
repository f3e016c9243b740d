package answers

import "fashionlab/lessons"

// updateRunning moves the running statistics of batch norm towards those of a
// batch of n values, by PyTorch's rule: a tenth of the way, the
// variance being made unbiased.
func updateRunning(runningMean, runningVariance, mean, variance []float64, n int) (newMean, newVariance []float64) {
	return mix(runningMean, mean, 0.9, 0.1), mix(runningVariance, scaled(variance, bessel(n)), 0.9, 0.1)
}

// bessel is the factor that makes the variance of n values unbiased.
func bessel(n int) float64 { return float64(n) / float64(n-1) }

func scaled(values []float64, factor float64) []float64 {
	return mapped(values, func(v float64) float64 { return v * factor })
}

// mix is a weighted sum.
func mix(a, b []float64, weightA, weightB float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = weightA*a[i] + weightB*b[i]
	}
	return out
}

func visibleUpdateRunning() []lessons.Case {
	return []lessons.Case{
		updateRunningCaseOf([]float64{0, 0}, []float64{1, 1}, []float64{3, 12.5}, []float64{2, 218.75}, 4),
		updateRunningCaseOf([]float64{1, -2}, []float64{4, 9}, []float64{5, 0}, []float64{3, 1}, 2),
	}
}

// CheckUpdateRunningFurther checks large batches and that many equal batches
// bring the averages to the batch's values.
func CheckUpdateRunningFurther(f func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64)) error {
	if err := checkCases("UpdateRunning", f,
		updateRunningCaseOf([]float64{0.5}, []float64{0.25}, []float64{-3}, []float64{0}, 128),
		updateRunningCaseOf([]float64{1, 2, 3}, []float64{1, 2, 3}, []float64{1, 2, 3}, []float64{7, 0.5, 1}, 3)); err != nil {
		return err
	}
	// Each time with what came back the time before.
	many := func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64) {
		for range 300 {
			runningMean, runningVariance = f(runningMean, runningVariance, mean, variance, n)
		}
		return runningMean, runningVariance
	}
	const cause = "the averages come to the batch's mean and unbiased variance"
	return checkCases("UpdateRunning", many, lessons.Case{
		Arguments: []any{[]float64{0}, []float64{1}, []float64{5}, []float64{3}, 4},
		Results: []lessons.Result{
			{Verb: "called 300 times with the same batch ends at the mean", Want: []float64{5}, Within: 1e-6, Causes: []lessons.Cause{lessons.Otherwise(cause)}},
			{Verb: "called 300 times with the same batch ends at the variance", Want: []float64{4}, Within: 1e-6, Causes: []lessons.Cause{lessons.Otherwise(cause)}},
		},
	})
}

// updateRunningCaseOf is a call, with the right results and those of typical mistakes.
func updateRunningCaseOf(runningMean, runningVariance, mean, variance []float64, n int) lessons.Case {
	wantMean, wantVariance := updateRunning(runningMean, runningVariance, mean, variance, n)
	return lessons.Case{
		Arguments: []any{runningMean, runningVariance, mean, variance, n},
		Results: []lessons.Result{
			{Verb: "has the mean", Want: wantMean, Causes: []lessons.Cause{
				lessons.Gives(mix(runningMean, mean, 0.1, 0.9), "the two factors are exchanged: the average moves by a tenth towards the batch and keeps nine tenths"),
				lessons.Gives(mix(runningMean, mean, 1, 0.1), "the running mean is not multiplied by 0.9, so that it would grow and grow"),
				lessons.Gives(mix(runningMean, mean, 0.5, 0.5), "this is halfway between the two; move by a tenth only"),
				lessons.Gives(mean, "the batch's mean has replaced the running one; move by a tenth only"),
				lessons.Gives(runningMean, "the running mean has not moved"),
				lessons.Gives(mix(runningMean, scaled(mean, bessel(n)), 0.9, 0.1), "the factor n/(n − 1) belongs to the variance alone"),
				lessons.Otherwise("the new running mean is 0.9 · running mean + 0.1 · mean of the batch"),
			}},
			{Verb: "has the variance", Want: wantVariance, Causes: []lessons.Cause{
				lessons.Gives(mix(runningVariance, variance, 0.9, 0.1), "the running variance is the unbiased one: multiply that of the batch by n/(n − 1), in float64, first"),
				lessons.Gives(mix(runningVariance, scaled(variance, 1/bessel(n)), 0.9, 0.1), "the factor is upside down: an unbiased variance is larger, by n/(n − 1)"),
				lessons.Gives(scaled(mix(runningVariance, variance, 0.9, 0.1), bessel(n)), "the running variance gets the factor n/(n − 1), too; it is unbiased already, so only that of the batch does"),
				lessons.Gives(mix(runningVariance, scaled(variance, bessel(n)), 0.1, 0.9), "the variance's factors are exchanged: nine tenths of the old, a tenth of the new"),
				lessons.Gives(runningVariance, "the running variance has not moved"),
				lessons.Otherwise("the new running variance is 0.9 · running variance + 0.1 · variance of the batch · n/(n − 1)"),
			}},
		},
	}
}
