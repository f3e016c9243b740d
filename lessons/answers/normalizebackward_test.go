package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestNormalizeBackwardChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(x [][]float64, weight []float64, dy [][]float64) (dx [][]float64, dWeight, dBias []float64)
	with := func(slip normalizeBackwardSlip) f {
		return func(x [][]float64, weight []float64, dy [][]float64) ([][]float64, []float64, []float64) {
			return normalizeBackwardOf(normalizeBackward{x, weight, dy}, slip)
		}
	}
	// after changes the right results.
	after := func(change func(k normalizeBackward, dx [][]float64, dWeight, dBias []float64)) f {
		return func(x [][]float64, weight []float64, dy [][]float64) ([][]float64, []float64, []float64) {
			k := normalizeBackward{x, weight, dy}
			dx, dWeight, dBias := normalizeBackwardOf(k, differentiatesRight)
			change(k, dx, dWeight, dBias)
			return dx, dWeight, dBias
		}
	}
	testChecks(t, []func(f) error{lessons.CheckNormalizeBackward, CheckNormalizeBackwardFurther}, with(differentiatesRight),
		wrongAnswer[f]{"constants", with(holdsBothFixed), "taken for constants"},
		wrongAnswer[f]{"no term of the variance", with(holdsVarianceFixed), "the term of the variance is missing"},
		wrongAnswer[f]{"no term of the mean", with(holdsMeanFixed), "the term of the mean is missing"},
		wrongAnswer[f]{"no weight", with(forgetsWeightBehind), "the weight is missing in dx"},
		wrongAnswer[f]{"signs", with(addsTerms), "the terms of mean and variance are added"},
		wrongAnswer[f]{"sums", with(forgetsToDivideSums), "divide both by n in dx"},
		wrongAnswer[f]{"no spread", with(forgetsSpread), "is not divided by"},
		wrongAnswer[f]{"another dx", after(func(_ normalizeBackward, dx [][]float64, _, _ []float64) { dx[0][0]++ }), "dx[i][c] is weight[c]/"},
		wrongAnswer[f]{"mean of dWeight", after(func(k normalizeBackward, _ [][]float64, dWeight, _ []float64) {
			for c := range dWeight {
				dWeight[c] /= float64(len(k.x))
			}
		}), "dWeight is divided by n"},
		wrongAnswer[f]{"x for x̂", after(func(k normalizeBackward, _ [][]float64, dWeight, _ []float64) {
			clear(dWeight)
			for i, row := range k.x {
				for c, v := range row {
					dWeight[c] += v * k.dy[i][c]
				}
			}
		}), "dWeight multiplies dy by x;"},
		wrongAnswer[f]{"dBias for dWeight", after(func(_ normalizeBackward, _ [][]float64, dWeight, dBias []float64) { copy(dWeight, dBias) }), "dWeight is the sum of dy, which is dBias"},
		wrongAnswer[f]{"mean of dBias", after(func(k normalizeBackward, _ [][]float64, _, dBias []float64) {
			for c := range dBias {
				dBias[c] /= float64(len(k.x))
			}
		}), "dBias is divided by n"},
		wrongAnswer[f]{"last sample", after(func(k normalizeBackward, _ [][]float64, _, dBias []float64) { copy(dBias, k.dy[len(k.dy)-1]) }), "only the last sample is left"},
		wrongAnswer[f]{"nothing", func([][]float64, []float64, [][]float64) ([][]float64, []float64, []float64) { return nil, nil, nil }, "gives 0 rows of dx"},
		wrongAnswer[f]{"stub", func([][]float64, []float64, [][]float64) ([][]float64, []float64, []float64) { panic(stubPanic) }, "not written yet"},
	)
}

func TestTheBackwardPassOfBatchNormGivesTheSlopesOfItsOutput(t *testing.T) {
	k := normalizeBackward{randomRows(1, 5, 3), []float64{2, -1, 0.5}, randomRows(2, 5, 3)}
	bias := []float64{1, 2, 3}
	dx, dWeight, dBias := normalizeBackwardOf(k, differentiatesRight)
	loss := func() float64 {
		mean, variance := batchStatistics(k.x, false)
		return dotRows(normalize(k.x, mean, variance, k.weight, bias, normalizesRight), k.dy)
	}
	expectSlopes(t, "x", k.x, dx, loss)
	expectSlopes(t, "weight", [][]float64{k.weight}, [][]float64{dWeight}, loss)
	expectSlopes(t, "bias", [][]float64{bias}, [][]float64{dBias}, loss)
}
