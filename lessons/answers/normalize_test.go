package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestNormalizeTrainingChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(x [][]float64, weight, bias []float64) [][]float64
	with := func(slip normalizeSlip) f {
		return func(x [][]float64, weight, bias []float64) [][]float64 {
			mean, variance := batchStatistics(x, false)
			return normalize(x, mean, variance, weight, bias, slip)
		}
	}
	testChecks(t, []func(f) error{lessons.CheckNormalizeTraining, CheckNormalizeTrainingFurther}, with(normalizesRight),
		wrongAnswer[f]{"no epsilon", with(leavesEpsilonOut), "ε is missing"},
		wrongAnswer[f]{"epsilon outside", with(epsilonBesideRoot), "ε is outside"},
		wrongAnswer[f]{"variance", with(dividesByVariance), "take its square root"},
		wrongAnswer[f]{"no weight", with(leavesScaleOut), "the weight is missing"},
		wrongAnswer[f]{"no bias", with(leavesShiftOut), "the bias is missing"},
		wrongAnswer[f]{"bias first", with(shiftsBeforeScaling), "multiply first, then add"},
		wrongAnswer[f]{"mean not subtracted", with(leavesMeanIn), "the mean is still there"},
		wrongAnswer[f]{"unbiased", with(takesUnbiased), "the biased one"},
		wrongAnswer[f]{"samples", func(x [][]float64, _, _ []float64) [][]float64 { return x }, "with mean and variance of the batch"},
		wrongAnswer[f]{"in place", func(x [][]float64, weight, bias []float64) [][]float64 {
			y := with(normalizesRight)(x, weight, bias)
			copy(x[0], y[0])
			return y
		}, "changes its argument"},
		wrongAnswer[f]{"stub", func([][]float64, []float64, []float64) [][]float64 { panic(stubPanic) }, "not written yet"},
	)
}

func TestNormalizeEvaluationChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(x [][]float64, runningMean, runningVariance, weight, bias []float64) [][]float64
	with := func(slip normalizeSlip) f {
		return func(x [][]float64, mean, variance, weight, bias []float64) [][]float64 {
			return normalize(x, mean, variance, weight, bias, slip)
		}
	}
	testChecks(t, []func(f) error{lessons.CheckNormalizeEvaluation, CheckNormalizeEvaluationFurther}, with(normalizesRight),
		wrongAnswer[f]{"the batch's", func(x [][]float64, _, _, weight, bias []float64) [][]float64 {
			mean, variance := batchStatistics(x, false)
			return normalize(x, mean, variance, weight, bias, normalizesRight)
		}, "the batch's own mean"},
		wrongAnswer[f]{"no epsilon", with(leavesEpsilonOut), "ε is missing"},
		wrongAnswer[f]{"variance", with(dividesByVariance), "take its square root"},
		wrongAnswer[f]{"no weight", with(leavesScaleOut), "the weight is missing"},
		wrongAnswer[f]{"mean not subtracted", with(leavesMeanIn), "the mean is still there"},
		wrongAnswer[f]{"first row only", func(x [][]float64, mean, variance, weight, bias []float64) [][]float64 {
			return with(normalizesRight)(x[:1], mean, variance, weight, bias)
		}, "y[i][c] is"},
		wrongAnswer[f]{"stub", func(_ [][]float64, _, _, _, _ []float64) [][]float64 { panic(stubPanic) }, "not written yet"},
	)
}
