package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestBatchStatisticsChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(x [][]float64) (mean, variance []float64)
	// with changes the right answer.
	with := func(change func(x [][]float64, mean, variance []float64) ([]float64, []float64)) f {
		return func(x [][]float64) ([]float64, []float64) {
			mean, variance := batchStatistics(x, false)
			return change(x, mean, variance)
		}
	}
	// spread computes another measure of spread.
	spread := func(term func(v, mean float64) float64) f {
		return func(x [][]float64) ([]float64, []float64) {
			mean, _ := batchStatistics(x, false)
			out := make([]float64, len(mean))
			for _, row := range x {
				for c, v := range row {
					out[c] += term(v, mean[c]) / float64(len(x))
				}
			}
			return mean, out
		}
	}
	testChecks(t, []func(f) error{lessons.CheckBatchStatistics, CheckBatchStatisticsFurther},
		func(x [][]float64) ([]float64, []float64) { return batchStatistics(x, false) },
		wrongAnswer[f]{"rows", func(x [][]float64) ([]float64, []float64) { return batchStatistics(transposed(x), false) }, "the means of the samples"},
		wrongAnswer[f]{"sums", with(func(x [][]float64, m, v []float64) ([]float64, []float64) {
			return mapped(m, func(v float64) float64 { return v * float64(len(x)) }), v
		}), "these are the sums"},
		wrongAnswer[f]{"divided by channels", with(func(x [][]float64, m, v []float64) ([]float64, []float64) {
			return mapped(m, func(v float64) float64 { return v * float64(len(x)) / float64(len(m)) }), v
		}), "by the number of channels"},
		wrongAnswer[f]{"one mean", with(func(_ [][]float64, m, v []float64) ([]float64, []float64) {
			return mapped(m, func(float64) float64 { return total(m) / float64(len(m)) }), v
		}), "all channels get one mean"},
		wrongAnswer[f]{"unbiased", func(x [][]float64) ([]float64, []float64) { return batchStatistics(x, true) }, "the unbiased variance"},
		wrongAnswer[f]{"deviation", with(func(_ [][]float64, m, v []float64) ([]float64, []float64) { return m, mapped(v, math.Sqrt) }), "the standard deviation"},
		wrongAnswer[f]{"not divided", with(func(x [][]float64, m, v []float64) ([]float64, []float64) {
			return m, mapped(v, func(v float64) float64 { return v * float64(len(x)) })
		}), "the squared deviations is not divided"},
		wrongAnswer[f]{"mean of squares", spread(func(v, _ float64) float64 { return v * v }), "the mean of the squares"},
		wrongAnswer[f]{"absolute", spread(func(v, m float64) float64 { return math.Abs(v - m) }), "the deviations' sizes"},
		wrongAnswer[f]{"not squared", spread(func(v, m float64) float64 { return v - m }), "cancel out"},
		wrongAnswer[f]{"nothing", func([][]float64) ([]float64, []float64) { return nil, nil }, "mean[c] is the sum"},
		wrongAnswer[f]{"stub", func([][]float64) ([]float64, []float64) { panic(stubPanic) }, "not written yet"},
	)
}
