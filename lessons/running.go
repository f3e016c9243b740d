package lessons

// updateRunning moves the running statistics of batch norm towards those of a
// batch of n values, by PyTorch's rule: a tenth of the way, the
// variance being made unbiased.
func updateRunning(runningMean, runningVariance, mean, variance []float64, n int) (newMean, newVariance []float64) {
	return mix(runningMean, mean, 0.9, 0.1), mix(runningVariance, scaled(variance, bessel(n)), 0.9, 0.1)
}

// bessel is the factor that makes the variance of n values unbiased.
func bessel(n int) float64 { return float64(n) / float64(n-1) }

func scaled(values []float64, factor float64) []float64 {
	return each(values, func(v float64) float64 { return v * factor })
}

// mix is a weighted sum.
func mix(a, b []float64, weightA, weightB float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = weightA*a[i] + weightB*b[i]
	}
	return out
}

// CheckUpdateRunning checks how the running averages of batch norm move.
func CheckUpdateRunning(f func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64)) error {
	return firstError(
		checkUpdateRunning(f, []float64{0, 0}, []float64{1, 1}, []float64{3, 12.5}, []float64{2, 218.75}, 4),
		checkUpdateRunning(f, []float64{1, -2}, []float64{4, 9}, []float64{5, 0}, []float64{3, 1}, 2))
}

// CheckUpdateRunningFurther checks large batches and that many equal batches
// bring the averages to the batch's values.
func CheckUpdateRunningFurther(f func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64)) error {
	if err := firstError(
		checkUpdateRunning(f, []float64{0.5}, []float64{0.25}, []float64{-3}, []float64{0}, 128),
		checkUpdateRunning(f, []float64{1, 2, 3}, []float64{1, 2, 3}, []float64{1, 2, 3}, []float64{7, 0.5, 1}, 3)); err != nil {
		return err
	}
	mean, variance := []float64{0}, []float64{1}
	batchMean, batchVariance := []float64{5}, []float64{3}
	call := callOf("UpdateRunning", mean, variance, batchMean, batchVariance, 4)
	if err := call.run(func() {
		m, v := mean, variance
		for range 300 {
			m, v = f(m, v, batchMean, batchVariance, 4)
		}
		mean, variance = m, v
	}); err != nil {
		return err
	}
	if !nearAll(mean, []float64{5}, 1e-6) || !nearAll(variance, []float64{4}, 1e-6) {
		return call.failf("called 300 times with the same batch ends at mean %s, variance %s, want [5] and [4]: the averages come to the batch's mean and unbiased variance",
			show(mean), show(variance))
	}
	return nil
}

func checkUpdateRunning(f func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64),
	runningMean, runningVariance, mean, variance []float64, n int) error {
	call := callOf("UpdateRunning", runningMean, runningVariance, mean, variance, n)
	var gotMean, gotVariance []float64
	if err := call.run(func() { gotMean, gotVariance = f(runningMean, runningVariance, mean, variance, n) }); err != nil {
		return err
	}
	wantMean, wantVariance := updateRunning(runningMean, runningVariance, mean, variance, n)
	if !nearAll(gotMean, wantMean, tolerance) {
		cause := likelyCause(gotMean, alikeAll,
			"the new running mean is 0.9 · running mean + 0.1 · mean of the batch",
			mistake[[]float64]{mix(runningMean, mean, 0.1, 0.9), "the two factors are exchanged: the average moves by a tenth towards the batch and keeps nine tenths"},
			mistake[[]float64]{mix(runningMean, mean, 1, 0.1), "the running mean is not multiplied by 0.9, so that it would grow and grow"},
			mistake[[]float64]{mix(runningMean, mean, 0.5, 0.5), "this is halfway between the two; move by a tenth only"},
			mistake[[]float64]{mean, "the batch's mean has replaced the running one; move by a tenth only"},
			mistake[[]float64]{runningMean, "the running mean has not moved"},
			mistake[[]float64]{mix(runningMean, scaled(mean, bessel(n)), 0.9, 0.1), "the factor n/(n − 1) belongs to the variance alone"},
		)
		return call.failf("has the mean %s, want %s: %s", show(gotMean), show(wantMean), cause)
	}
	if nearAll(gotVariance, wantVariance, tolerance) {
		return nil
	}
	cause := likelyCause(gotVariance, alikeAll,
		"the new running variance is 0.9 · running variance + 0.1 · variance of the batch · n/(n − 1)",
		mistake[[]float64]{mix(runningVariance, variance, 0.9, 0.1), "the running variance is the unbiased one: multiply that of the batch by n/(n − 1), in float64, first"},
		mistake[[]float64]{mix(runningVariance, scaled(variance, 1/bessel(n)), 0.9, 0.1), "the factor is upside down: an unbiased variance is larger, by n/(n − 1)"},
		mistake[[]float64]{scaled(mix(runningVariance, variance, 0.9, 0.1), bessel(n)), "the running variance gets the factor n/(n − 1), too; it is unbiased already, so only that of the batch does"},
		mistake[[]float64]{mix(runningVariance, scaled(variance, bessel(n)), 0.1, 0.9), "the variance's factors are exchanged: nine tenths of the old, a tenth of the new"},
		mistake[[]float64]{runningVariance, "the running variance has not moved"},
	)
	got, want := showPair(gotVariance, wantVariance)
	return call.failf("has the variance %s, want %s: %s", got, want, cause)
}
