package answers

import (
	"math"

	"fashionlab/lessons"
)

// batchNormEpsilon is PyTorch's default for nn.BatchNorm2d.
const batchNormEpsilon = 1e-5

// normalizeTolerance is how exact a normalised value must be.
const normalizeTolerance = 1e-6

// normalizeSlip is a typical mistake in a batch norm written by hand.
type normalizeSlip int

const (
	normalizesRight normalizeSlip = iota
	leavesEpsilonOut
	epsilonBesideRoot
	dividesByVariance
	leavesScaleOut
	leavesShiftOut
	shiftsBeforeScaling
	leavesMeanIn
	takesUnbiased
)

// normalize applies a channel's mean and variance, scale (weight) and shift
// (bias) to a batch, or does so with a slip.
func normalize(x [][]float64, mean, variance, weight, bias []float64, slip normalizeSlip) [][]float64 {
	out := make([][]float64, len(x))
	for i, row := range x {
		for c, v := range row {
			m, s, w, b := mean[c], math.Sqrt(variance[c]+batchNormEpsilon), weight[c], bias[c]
			switch slip {
			case leavesEpsilonOut:
				s = math.Sqrt(variance[c])
			case epsilonBesideRoot:
				s = math.Sqrt(variance[c]) + batchNormEpsilon
			case dividesByVariance:
				s = variance[c] + batchNormEpsilon
			case leavesScaleOut:
				w = 1
			case leavesShiftOut:
				b = 0
			case shiftsBeforeScaling:
				b *= w
			case leavesMeanIn:
				m = 0
			case takesUnbiased:
				n := float64(len(x))
				s = math.Sqrt(variance[c]*n/(n-1) + batchNormEpsilon)
			}
			out[i] = append(out[i], (v-m)/s*w+b)
		}
	}
	return out
}

var normalizeCauses = []struct {
	slip  normalizeSlip
	cause string
}{
	{leavesEpsilonOut, "ε is missing: add 1e-5 to the variance, so that a channel without any spread is not divided by 0"},
	{epsilonBesideRoot, "ε is outside the root; the divisor is √(variance + 1e-5)"},
	{dividesByVariance, "the divisor is the variance; take its square root"},
	{leavesScaleOut, "the weight is missing: multiply channel c by weight[c] at the end"},
	{leavesShiftOut, "the bias is missing: add bias[c] at the end"},
	{shiftsBeforeScaling, "the bias is multiplied by the weight, too; multiply first, then add"},
	{leavesMeanIn, "the mean is still there: subtract it before dividing"},
	{takesUnbiased, "the variance that normalises a batch is the biased one, divided by n"},
}

// smallSpread has channels whose variance is small beside ε, and one without any.
var smallSpread = [][]float64{{0.001, 2, 7}, {0.003, 2.002, 7}, {0.002, 2.004, 7}}

func visibleNormalizeTraining() []lessons.Case {
	return []lessons.Case{
		normalizeTrainingCaseOf(fourByTwo, []float64{1, 1}, []float64{0, 0}),
		normalizeTrainingCaseOf(fourByTwo, []float64{2, 0.5}, []float64{-1, 3}),
		normalizeTrainingCaseOf(smallSpread, []float64{1, 1, 1}, []float64{0, 0, 0.5}),
	}
}

// CheckNormalizeTrainingFurther checks other batches, and that neither scaling
// nor shifting a channel changes the result.
func CheckNormalizeTrainingFurther(f func(x [][]float64, weight, bias []float64) [][]float64) error {
	weight, bias := []float64{1, -2, 0.5, 3, 1}, []float64{0, 1, -1, 0.25, 2}
	if err := checkCases("NormalizeTraining", f,
		normalizeTrainingCaseOf(ramp, weight, bias),
		normalizeTrainingCaseOf([][]float64{{4, -4}}, []float64{3, 3}, []float64{1, 2})); err != nil {
		return err
	}
	var moved [][]float64
	for _, row := range ramp {
		moved = append(moved, mapped(row, func(v float64) float64 { return 1000*v - 300 }))
	}
	return checkCases("NormalizeTraining", f, normalizeTrainingCaseOf(moved, weight, bias))
}

// normalizeTrainingCaseOf is a call, with the right result and those of typical mistakes.
func normalizeTrainingCaseOf(x [][]float64, weight, bias []float64) lessons.Case {
	mean, variance := batchStatistics(x, false)
	c := normalizeCase(x, mean, variance, weight, bias,
		"y[i][c] is (x[i][c] − mean[c]) / √(variance[c] + 1e-5) · weight[c] + bias[c], with mean and variance of the batch")
	c.Arguments = []any{x, weight, bias}
	return c
}

// normalizeCase is a case without its arguments.
func normalizeCase(x [][]float64, mean, variance, weight, bias []float64, otherwise string) lessons.Case {
	want := normalize(x, mean, variance, weight, bias, normalizesRight)
	var causes []lessons.Cause
	for _, known := range normalizeCauses {
		// A slip that makes no difference here is not the cause.
		if answer := normalize(x, mean, variance, weight, bias, known.slip); !alikeMatrices(answer, want) {
			causes = append(causes, lessons.Gives(answer, "%s", known.cause))
		}
	}
	causes = append(causes, lessons.Otherwise("%s", otherwise))
	return lessons.Case{Results: []lessons.Result{{Want: want, Within: normalizeTolerance, Causes: causes}}}
}

// alikeMatrices says whether two matrices of the same shape are equal as far as a check looks.
func alikeMatrices(a, b [][]float64) bool {
	for i, row := range a {
		for c, v := range row {
			if !(math.Abs(v-b[i][c]) <= normalizeTolerance*max(1, math.Abs(b[i][c]))) { // NaN is equal to nothing
				return false
			}
		}
	}
	return true
}

func visibleNormalizeEvaluation() []lessons.Case {
	return []lessons.Case{
		normalizeEvaluationCaseOf(fourByTwo, []float64{0, 0}, []float64{4, 9}, []float64{1, 1}, []float64{0, 0}),
		normalizeEvaluationCaseOf(fourByTwo, []float64{2, 5}, []float64{4, 100}, []float64{2, 0.5}, []float64{-1, 3}),
		normalizeEvaluationCaseOf(smallSpread, []float64{0.001, 2, 6}, []float64{2e-6, 1e-5, 0}, []float64{1, 1, 1}, []float64{0, 0, 0.5}),
	}
}

// CheckNormalizeEvaluationFurther checks a batch of one image, and that the answer
// for an image does not depend on those beside it.
func CheckNormalizeEvaluationFurther(f func(x [][]float64, runningMean, runningVariance, weight, bias []float64) [][]float64) error {
	mean, variance := []float64{1, 0, -1, 2, 0.5}, []float64{1, 4, 0.25, 2, 9}
	weight, bias := []float64{1, -2, 0.5, 3, 1}, []float64{0, 1, -1, 0.25, 2}
	return checkCases("NormalizeTraining", f,
		normalizeEvaluationCaseOf(ramp, mean, variance, weight, bias),
		normalizeEvaluationCaseOf(ramp[2:3], mean, variance, weight, bias),
		normalizeEvaluationCaseOf([][]float64{ramp[2], {100, -100, 50, 3, 2}}, mean, variance, weight, bias))
}

// normalizeEvaluationCaseOf is a call, with the right result and those of typical mistakes.
func normalizeEvaluationCaseOf(x [][]float64, runningMean, runningVariance, weight, bias []float64) lessons.Case {
	c := normalizeCase(x, runningMean, runningVariance, weight, bias,
		"y[i][c] is (x[i][c] − runningMean[c]) / √(runningVariance[c] + 1e-5) · weight[c] + bias[c]")
	c.Arguments = []any{x, runningMean, runningVariance, weight, bias}
	mean, variance := batchStatistics(x, false)
	ofBatch := lessons.Gives(normalize(x, mean, variance, weight, bias, normalizesRight),
		"this takes the batch's own mean and variance; in evaluation the running ones take their place, so that an image's answer does not depend on its neighbours")
	c.Results[0].Causes = append([]lessons.Cause{ofBatch}, c.Results[0].Causes...)
	return c
}
