package lessons

import "math"

// batchNormEpsilon is PyTorch's default for nn.BatchNorm2d.
const batchNormEpsilon = 1e-5

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

// CheckNormalizeTraining checks batch norm as it works while a network learns.
func CheckNormalizeTraining(f func(x [][]float64, weight, bias []float64) [][]float64) error {
	return firstError(
		checkNormalizeTraining(f, fourByTwo, []float64{1, 1}, []float64{0, 0}),
		checkNormalizeTraining(f, fourByTwo, []float64{2, 0.5}, []float64{-1, 3}),
		checkNormalizeTraining(f, smallSpread, []float64{1, 1, 1}, []float64{0, 0, 0.5}))
}

// CheckNormalizeTrainingFurther checks other batches, and that neither scaling
// nor shifting a channel changes the result.
func CheckNormalizeTrainingFurther(f func(x [][]float64, weight, bias []float64) [][]float64) error {
	weight, bias := []float64{1, -2, 0.5, 3, 1}, []float64{0, 1, -1, 0.25, 2}
	if err := firstError(
		checkNormalizeTraining(f, ramp, weight, bias),
		checkNormalizeTraining(f, [][]float64{{4, -4}}, []float64{3, 3}, []float64{1, 2})); err != nil {
		return err
	}
	var moved [][]float64
	for _, row := range ramp {
		moved = append(moved, each(row, func(v float64) float64 { return 1000*v - 300 }))
	}
	return checkNormalizeTraining(f, moved, weight, bias)
}

func checkNormalizeTraining(f func(x [][]float64, weight, bias []float64) [][]float64, x [][]float64, weight, bias []float64) error {
	call := callOf("NormalizeTraining", x, weight, bias)
	var got [][]float64
	if err := call.run(func() { got = f(x, weight, bias) }); err != nil {
		return err
	}
	mean, variance := batchStatistics(x, false)
	return normalizeError(call, got, x, mean, variance, weight, bias,
		"y[i][c] is (x[i][c] − mean[c]) / √(variance[c] + 1e-5) · weight[c] + bias[c], with mean and variance of the batch")
}

// normalizeError compares a result with the right one and explains the difference.
func normalizeError(call call, got, x [][]float64, mean, variance, weight, bias []float64, otherwise string) error {
	want := normalize(x, mean, variance, weight, bias, normalizesRight)
	if nearRows(got, want, 1e-6) {
		return nil
	}
	for _, known := range normalizeCauses {
		// A slip that makes no difference here is not the cause.
		if answer := normalize(x, mean, variance, weight, bias, known.slip); !nearRows(answer, want, 1e-6) && sameOrNaN(got, answer) {
			return call.wrong(got, want, "%s", known.cause)
		}
	}
	return call.wrong(got, want, "%s", otherwise)
}

// sameOrNaN compares matrices in which NaN is equal to NaN.
func sameOrNaN(got, answer [][]float64) bool {
	if len(got) != len(answer) {
		return false
	}
	for i := range got {
		if len(got[i]) != len(answer[i]) {
			return false
		}
		for c := range got[i] {
			if !near(got[i][c], answer[i][c], 1e-7) && !(math.IsNaN(got[i][c]) && math.IsNaN(answer[i][c])) {
				return false
			}
		}
	}
	return true
}

// CheckNormalizeEvaluation checks batch norm as it works when a trained network
// is used.
func CheckNormalizeEvaluation(f func(x [][]float64, runningMean, runningVariance, weight, bias []float64) [][]float64) error {
	return firstError(
		checkNormalizeEvaluation(f, fourByTwo, []float64{0, 0}, []float64{4, 9}, []float64{1, 1}, []float64{0, 0}),
		checkNormalizeEvaluation(f, fourByTwo, []float64{2, 5}, []float64{4, 100}, []float64{2, 0.5}, []float64{-1, 3}),
		checkNormalizeEvaluation(f, smallSpread, []float64{0.001, 2, 6}, []float64{2e-6, 1e-5, 0}, []float64{1, 1, 1}, []float64{0, 0, 0.5}))
}

// CheckNormalizeEvaluationFurther checks a batch of one image, and that the answer
// for an image does not depend on those beside it.
func CheckNormalizeEvaluationFurther(f func(x [][]float64, runningMean, runningVariance, weight, bias []float64) [][]float64) error {
	mean, variance := []float64{1, 0, -1, 2, 0.5}, []float64{1, 4, 0.25, 2, 9}
	weight, bias := []float64{1, -2, 0.5, 3, 1}, []float64{0, 1, -1, 0.25, 2}
	return firstError(
		checkNormalizeEvaluation(f, ramp, mean, variance, weight, bias),
		checkNormalizeEvaluation(f, ramp[2:3], mean, variance, weight, bias),
		checkNormalizeEvaluation(f, [][]float64{ramp[2], {100, -100, 50, 3, 2}}, mean, variance, weight, bias))
}

func checkNormalizeEvaluation(f func(x [][]float64, runningMean, runningVariance, weight, bias []float64) [][]float64,
	x [][]float64, runningMean, runningVariance, weight, bias []float64) error {
	call := callOf("NormalizeEvaluation", x, runningMean, runningVariance, weight, bias)
	var got [][]float64
	if err := call.run(func() { got = f(x, runningMean, runningVariance, weight, bias) }); err != nil {
		return err
	}
	mean, variance := batchStatistics(x, false)
	want := normalize(x, runningMean, runningVariance, weight, bias, normalizesRight)
	if ofBatch := normalize(x, mean, variance, weight, bias, normalizesRight); !nearRows(got, want, 1e-6) && nearRows(got, ofBatch, 1e-6) {
		return call.wrong(got, want, "%s", "this takes the batch's own mean and variance; in evaluation the running ones take their place, so that an image's answer does not depend on its neighbours")
	}
	return normalizeError(call, got, x, runningMean, runningVariance, weight, bias,
		"y[i][c] is (x[i][c] − runningMean[c]) / √(runningVariance[c] + 1e-5) · weight[c] + bias[c]")
}
