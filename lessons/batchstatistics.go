package lessons

import "math"

// batchStatistics returns the mean and the biased variance of each channel:
// x[i][c] is channel c of sample i. With unbiased, the variance is divided by
// n-1 instead of n.
func batchStatistics(x [][]float64, unbiased bool) (mean, variance []float64) {
	n := float64(len(x))
	mean, variance = make([]float64, len(x[0])), make([]float64, len(x[0]))
	for _, row := range x {
		for c, v := range row {
			mean[c] += v / n
		}
	}
	divisor := n
	if unbiased {
		divisor = n - 1
	}
	for _, row := range x {
		for c, v := range row {
			variance[c] += (v - mean[c]) * (v - mean[c]) / divisor
		}
	}
	return mean, variance
}

// each returns f of each value.
func each(values []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// fourByTwo is a batch of four samples with two channels.
var fourByTwo = [][]float64{{1, 10}, {3, -10}, {5, 30}, {3, 20}}

// CheckBatchStatistics checks the mean and the biased variance of each channel
// of a batch.
func CheckBatchStatistics(f func(x [][]float64) (mean, variance []float64)) error {
	return firstError(
		checkBatchStatistics(f, fourByTwo),
		checkBatchStatistics(f, [][]float64{{1, 2, 0.5}, {4, 2, -0.5}}))
}

// CheckBatchStatisticsFurther checks a batch of one sample, values far from 0,
// and that adding a number moves the mean and leaves the variance.
func CheckBatchStatisticsFurther(f func(x [][]float64) (mean, variance []float64)) error {
	var far [][]float64
	for _, row := range fourByTwo {
		far = append(far, each(row, func(v float64) float64 { return v + 1000 }))
	}
	return firstError(
		checkBatchStatistics(f, [][]float64{{7, -2, 0}}),
		checkBatchStatistics(f, far),
		checkBatchStatistics(f, transposed(ramp)))
}

func checkBatchStatistics(f func(x [][]float64) (mean, variance []float64), x [][]float64) error {
	call := callOf("BatchStatistics", x)
	var mean, variance []float64
	if err := call.run(func() { mean, variance = f(x) }); err != nil {
		return err
	}
	wantMean, wantVariance := batchStatistics(x, false)
	n := float64(len(x))
	if !nearAll(mean, wantMean, 1e-7) {
		rows, _ := batchStatistics(transposed(x), false)
		whole := 0.0
		for _, v := range wantMean {
			whole += v / float64(len(wantMean))
		}
		cause := likelyCause(mean, alikeAll,
			"mean[c] is the sum of x[i][c] over all samples i, divided by their number len(x)",
			mistake[[]float64]{rows, "these are the means of the samples; batch norm takes the mean of each channel, over all samples"},
			mistake[[]float64]{each(wantMean, func(v float64) float64 { return v * n }), "these are the sums; divide them by the number of samples"},
			mistake[[]float64]{each(wantMean, func(v float64) float64 { return v * n / float64(len(x[0])) }), "the sums are divided by the number of channels; divide by that of the samples, len(x)"},
			mistake[[]float64]{each(wantMean, func(float64) float64 { return whole }), "all channels get one mean; each has its own"},
		)
		return call.failf("has the mean %s, want %s: %s", show(mean), show(wantMean), cause)
	}
	if nearAll(variance, wantVariance, 1e-6) {
		return nil
	}
	_, unbiased := batchStatistics(x, true)
	var squares, absolutes []float64
	for c := range wantMean {
		squares, absolutes = append(squares, 0), append(absolutes, 0)
		for _, row := range x {
			squares[c] += row[c] * row[c] / n
			absolutes[c] += math.Abs(row[c]-wantMean[c]) / n
		}
	}
	cause := likelyCause(variance, alikeAll,
		"variance[c] is the mean over the samples of (x[i][c] − mean[c])²",
		mistake[[]float64]{unbiased, "this is the unbiased variance, divided by n − 1; to normalise, batch norm divides by n"},
		mistake[[]float64]{each(wantVariance, math.Sqrt), "this is the standard deviation; leave the square root out"},
		mistake[[]float64]{each(wantVariance, func(v float64) float64 { return v * n }), "the sum of the squared deviations is not divided by the number of samples"},
		mistake[[]float64]{squares, "this is the mean of the squares; subtract the channel's mean from each value before squaring"},
		mistake[[]float64]{absolutes, "this is the mean of the deviations' sizes; square them"},
		mistake[[]float64]{each(wantVariance, func(float64) float64 { return 0 }), "deviations that are not squared cancel out"},
	)
	got, want := showPair(variance, wantVariance)
	return call.failf("has the variance %s, want %s: %s", got, want, cause)
}
