package answers

import (
	"math"

	"fashionlab/lessons"
)

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

// mapped returns f of each value.
func mapped(values []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// fourByTwo is a batch of four samples with two channels.
var fourByTwo = [][]float64{{1, 10}, {3, -10}, {5, 30}, {3, 20}}

func visibleBatchStatistics() []lessons.Case {
	return []lessons.Case{
		batchStatisticsCaseOf(fourByTwo),
		batchStatisticsCaseOf([][]float64{{1, 2, 0.5}, {4, 2, -0.5}}),
	}
}

// CheckBatchStatisticsFurther checks a batch of one sample, values far from 0,
// and that adding a number moves the mean and leaves the variance.
func CheckBatchStatisticsFurther(f func(x [][]float64) (mean, variance []float64)) error {
	var far [][]float64
	for _, row := range fourByTwo {
		far = append(far, mapped(row, func(v float64) float64 { return v + 1000 }))
	}
	return checkCases("BatchStatistics", f,
		batchStatisticsCaseOf([][]float64{{7, -2, 0}}),
		batchStatisticsCaseOf(far),
		batchStatisticsCaseOf(transposed(ramp)))
}

// batchStatisticsCaseOf is a call, with the right results and those of typical mistakes.
func batchStatisticsCaseOf(x [][]float64) lessons.Case {
	wantMean, wantVariance := batchStatistics(x, false)
	n := float64(len(x))
	rows, _ := batchStatistics(transposed(x), false)
	whole := 0.0
	for _, v := range wantMean {
		whole += v / float64(len(wantMean))
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
	return lessons.Case{
		Arguments: []any{x},
		Results: []lessons.Result{
			{Verb: "has the mean", Want: wantMean, Within: 1e-7, Causes: []lessons.Cause{
				lessons.Gives(rows, "these are the means of the samples; batch norm takes the mean of each channel, over all samples"),
				lessons.Gives(mapped(wantMean, func(v float64) float64 { return v * n }), "these are the sums; divide them by the number of samples"),
				lessons.Gives(mapped(wantMean, func(v float64) float64 { return v * n / float64(len(x[0])) }), "the sums are divided by the number of channels; divide by that of the samples, len(x)"),
				lessons.Gives(mapped(wantMean, func(float64) float64 { return whole }), "all channels get one mean; each has its own"),
				lessons.Otherwise("mean[c] is the sum of x[i][c] over all samples i, divided by their number len(x)"),
			}},
			{Verb: "has the variance", Want: wantVariance, Within: 1e-6, Causes: []lessons.Cause{
				lessons.Gives(unbiased, "this is the unbiased variance, divided by n − 1; to normalise, batch norm divides by n"),
				lessons.Gives(mapped(wantVariance, math.Sqrt), "this is the standard deviation; leave the square root out"),
				lessons.Gives(mapped(wantVariance, func(v float64) float64 { return v * n }), "the sum of the squared deviations is not divided by the number of samples"),
				lessons.Gives(squares, "this is the mean of the squares; subtract the channel's mean from each value before squaring"),
				lessons.Gives(absolutes, "this is the mean of the deviations' sizes; square them"),
				lessons.Gives(mapped(wantVariance, func(float64) float64 { return 0 }), "deviations that are not squared cancel out"),
				lessons.Otherwise("variance[c] is the mean over the samples of (x[i][c] − mean[c])²"),
			}},
		},
	}
}
