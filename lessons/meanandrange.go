package lessons

import "slices"

// meanAndRange returns the mean, the lowest and the highest of some values.
func meanAndRange(values []float64) (mean, low, high float64) {
	return total(values) / float64(len(values)), slices.Min(values), slices.Max(values)
}

// CheckMeanAndRange checks a function that sums up the results of several seeds.
func CheckMeanAndRange(f func(values []float64) (mean, low, high float64)) error {
	return firstError(
		checkMeanAndRange(f, []float64{0.84, 0.82, 0.86, 0.83}),
		checkMeanAndRange(f, []float64{0.9, 0.7, 0.74}))
}

// CheckMeanAndRangeFurther checks a single value, equal values, and values of
// any sign.
func CheckMeanAndRangeFurther(f func(values []float64) (mean, low, high float64)) error {
	return firstError(
		checkMeanAndRange(f, []float64{0.5}),
		checkMeanAndRange(f, []float64{0.8, 0.8, 0.8}),
		checkMeanAndRange(f, []float64{-3, -1, -2}),
		checkMeanAndRange(f, []float64{7, 2, 11, 5, 3}))
}

func checkMeanAndRange(f func(values []float64) (mean, low, high float64), values []float64) error {
	call := callOf("MeanAndRange", values)
	var mean, low, high float64
	if err := call.run(func() { mean, low, high = f(values) }); err != nil {
		return err
	}
	wantMean, wantLow, wantHigh := meanAndRange(values)
	n := float64(len(values))
	sorted := slices.Sorted(slices.Values(values))
	if !alike(mean, wantMean) {
		return call.failf("has the mean %s, want %s: %s", show(mean), show(wantMean), likelyCause(mean, alike,
			"add the values up and divide by their number",
			mistake[float64]{wantMean * n, "this is the sum; divide it by the number of values"},
			mistake[float64]{wantMean * n / max(n-1, 1), "divide by the number of values, not by one less"},
			mistake[float64]{(wantLow + wantHigh) / 2, "this is the middle between the lowest and the highest; the mean takes all values"},
			mistake[float64]{sorted[len(sorted)/2], "this is the median, the value in the middle"},
			mistake[float64]{0, "0 means that nothing was added up, or that whole numbers were divided"},
		))
	}
	if !alike(low, wantLow) {
		return call.failf("has the lowest value %s, want %s: %s", show(low), show(wantLow), likelyCause(low, alike,
			"look at all values",
			mistake[float64]{wantHigh, "this is the highest; mean, low, high is the order of the results"},
			mistake[float64]{0, "begin with the first value: a search for the lowest that begins with 0 ends with 0"},
			mistake[float64]{values[0], "this is the first value: compare it with the others"},
		))
	}
	if !alike(high, wantHigh) {
		return call.failf("has the highest value %s, want %s: %s", show(high), show(wantHigh), likelyCause(high, alike,
			"all values count, the last one as well",
			mistake[float64]{wantHigh - wantLow, "this is the difference between the highest and the lowest; return the highest itself"},
			mistake[float64]{0, "a search for the highest must begin with the first value: values may all be negative"},
			mistake[float64]{values[len(values)-1], "this is the last value"},
		))
	}
	return nil
}
