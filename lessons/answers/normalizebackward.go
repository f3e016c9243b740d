package answers

import (
	"math"

	"fashionlab/lessons"
)

// A normalizeBackward is what the backward pass of batch norm needs.
type normalizeBackward struct {
	x      [][]float64
	weight []float64
	dy     [][]float64
}

// normalizeBackwardSlip is a typical mistake in the backward pass of batch norm.
type normalizeBackwardSlip int

const (
	differentiatesRight normalizeBackwardSlip = iota
	holdsBothFixed
	holdsVarianceFixed
	holdsMeanFixed
	forgetsWeightBehind
	addsTerms
	forgetsToDivideSums
	forgetsSpread
)

// normalizeBackwardOf is the backward pass of batch norm in training mode, or what becomes of it with a slip.
func normalizeBackwardOf(k normalizeBackward, slip normalizeBackwardSlip) (dx [][]float64, dWeight, dBias []float64) {
	mean, variance := batchStatistics(k.x, false)
	n, channels := float64(len(k.x)), len(k.weight)
	dx, dWeight, dBias = zeros(k.x), make([]float64, channels), make([]float64, channels)
	for c := range channels {
		spread := math.Sqrt(variance[c] + batchNormEpsilon)
		for i, row := range k.x {
			dBias[c] += k.dy[i][c]
			dWeight[c] += k.dy[i][c] * (row[c] - mean[c]) / spread
		}
		for i, row := range k.x {
			ofMean, ofVariance, weight := dBias[c]/n, (row[c]-mean[c])/spread*dWeight[c]/n, k.weight[c]
			switch slip {
			case holdsBothFixed:
				ofMean, ofVariance = 0, 0
			case holdsVarianceFixed:
				ofVariance = 0
			case holdsMeanFixed:
				ofMean = 0
			case forgetsWeightBehind:
				weight = 1
			case addsTerms:
				ofMean, ofVariance = -ofMean, -ofVariance
			case forgetsToDivideSums:
				ofMean, ofVariance = ofMean*n, ofVariance*n
			case forgetsSpread:
				weight *= spread
			}
			dx[i][c] = weight / spread * (k.dy[i][c] - ofMean - ofVariance)
		}
	}
	return dx, dWeight, dBias
}

var normalizeBackwardCauses = []struct {
	slip  normalizeBackwardSlip
	cause string
}{
	{holdsBothFixed, "mean and variance are taken for constants, as in evaluation mode; both depend on x[i][c], so two terms are missing in dx"},
	{holdsVarianceFixed, "the term of the variance is missing in dx: subtract x̂[i][c]·dWeight[c]/n, too"},
	{holdsMeanFixed, "the term of the mean is missing in dx: subtract dBias[c]/n, too"},
	{forgetsWeightBehind, "the weight is missing in dx: multiply by weight[c]"},
	{addsTerms, "the terms of mean and variance are added in dx; subtract them"},
	{forgetsToDivideSums, "dBias[c] and x̂[i][c]·dWeight[c] are sums over the batch; divide both by n in dx"},
	{forgetsSpread, "dx is not divided by √(variance + 1e-5)"},
}

func visibleNormalizeBackward() []lessons.Case {
	return each(normalizeBackwardCaseOf,
		normalizeBackward{[][]float64{{2}, {3}, {7}}, []float64{1}, [][]float64{{1}, {0}, {0}}},
		normalizeBackward{fourByTwo, []float64{2, 0.5}, [][]float64{{0.5, 1}, {-1, 2}, {0.25, -0.5}, {2, 0.75}}})
}

// CheckNormalizeBackwardFurther checks two samples, a channel whose spread is small beside ε, and a
// larger random batch.
func CheckNormalizeBackwardFurther(f func(x [][]float64, weight []float64, dy [][]float64) (dx [][]float64, dWeight, dBias []float64)) error {
	return check("NormalizeBackward", f, normalizeBackwardCaseOf,
		normalizeBackward{randomRows(231, 2, 3), []float64{1, -2, 3}, randomRows(232, 2, 3)},
		normalizeBackward{smallSpread, []float64{1, 2, -1}, randomRows(233, 3, 3)},
		normalizeBackward{randomRows(234, 9, 4), []float64{0.5, -1, 2, 3}, randomRows(235, 9, 4)})
}

// normalizeBackwardCaseOf is a call, with the right results and those of typical mistakes.
func normalizeBackwardCaseOf(k normalizeBackward) lessons.Case {
	dx, dWeight, dBias := normalizeBackwardOf(k, differentiatesRight)
	n, channels := float64(len(k.x)), len(k.weight)
	last := k.dy[len(k.dy)-1]
	withX, withY := make([]float64, channels), make([]float64, channels)
	mean, variance := batchStatistics(k.x, false)
	y := normalize(k.x, mean, variance, k.weight, make([]float64, channels), normalizesRight)
	for i, row := range k.x {
		for c, v := range row {
			withX[c] += k.dy[i][c] * v
			withY[c] += k.dy[i][c] * y[i][c]
		}
	}
	share := func(v float64) float64 { return v / n }
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "gives {length} rows of dx, expected %d: one for each sample", len(dx)).Alone(),
		lessons.If(lessons.WrongRowLength, "gives {rowLength} values in row {row} of dx, expected %d: one for each channel", channels).Alone(),
	}
	for _, known := range normalizeBackwardCauses {
		if result, _, _ := normalizeBackwardOf(k, known.slip); !alikeMatrices(result, dx) {
			causes = append(causes, lessons.Gives(result, "%s", known.cause))
		}
	}
	causes = append(causes, lessons.Otherwise("dx[i][c] is weight[c]/√(variance[c]+1e-5) · (dy[i][c] − dBias[c]/n − x̂[i][c]·dWeight[c]/n)"))
	length := func(name string) lessons.Cause {
		return lessons.If(lessons.WrongLength, "gives {length} values of %s, expected %d: one for each channel", name, channels).Alone()
	}
	return lessons.Case{
		Arguments: []any{k.x, k.weight, k.dy},
		Results: []lessons.Result{
			{Verb: "gives dx = {got}", Want: dx, Within: normalizeTolerance, Causes: causes},
			{Verb: "gives dWeight = {got}", Want: dWeight, Within: normalizeTolerance, Causes: []lessons.Cause{
				length("dWeight"),
				lessons.Gives(mapped(dWeight, share), "dWeight is divided by n; the weight is used for each sample, so add up"),
				lessons.Gives(withX, "dWeight multiplies dy by x; the weight multiplies the normalised x̂, so its factor is x̂[i][c]"),
				lessons.Gives(withY, "dWeight multiplies dy by the output; the weight multiplies x̂, which is the value before weight and bias"),
				lessons.Gives(dBias, "dWeight is the sum of dy, which is dBias; multiply each dy[i][c] by x̂[i][c] first"),
				lessons.Otherwise("dWeight[c] is the sum of dy[i][c]·x̂[i][c] over the samples i"),
			}},
			{Verb: "gives dBias = {got}", Want: dBias, Within: normalizeTolerance, Causes: []lessons.Cause{
				length("dBias"),
				lessons.Gives(mapped(dBias, share), "dBias is divided by n; the bias is added to each sample, so add up"),
				lessons.Gives(last, "only the last sample is left in dBias; add the samples up with +="),
				lessons.Otherwise("dBias[c] is the sum of dy[i][c] over the samples i"),
			}},
		},
	}
}
