package answers

import (
	"fmt"
	"math/rand/v2"

	"fashionlab/lessons"
)

// visible has the cases of each visible check, by the check's name without "Check".
var visible = map[string]func() []lessons.Case{
	"Accuracy":                 visibleAccuracy,
	"AdamStep":                 visibleAdamStep,
	"Argmax":                   visibleArgmax,
	"Backward":                 visibleBackward,
	"BackwardPass":             visibleBackwardPass,
	"BatchStatistics":          visibleBatchStatistics,
	"Batches":                  visibleBatches,
	"BestEpoch":                visibleBestEpoch,
	"BigEndian":                visibleBigEndian,
	"ClassMeans":               visibleClassMeans,
	"ConvolutionCost":          visibleConvolutionCost,
	"ConvolutionWeights":       visibleConvolutionWeights,
	"Convolve":                 visibleConvolve,
	"ConvolveBackward":         visibleConvolveBackward,
	"ConvolveChannels":         visibleConvolveChannels,
	"ConvolvePaddingAndStride": visibleConvolvePaddingAndStride,
	"CountClasses":             visibleCountClasses,
	"CrossEntropy":             visibleCrossEntropy,
	"CrossEntropyFromLogits":   visibleCrossEntropyFromLogits,
	"DecayStep":                visibleDecayStep,
	"Descend":                  visibleDescend,
	"Distinguishable":          visibleDistinguishable,
	"DropoutBackward":          visibleDropoutBackward,
	"Evaluate":                 visibleEvaluate,
	"FalseAlarms":              visibleFalseAlarms,
	"ForwardPass":              visibleForwardPass,
	"Gradient":                 visibleGradient,
	"Gradients":                visibleGradients,
	"HeWeights":                visibleHeWeights,
	"Layer":                    visibleLayer,
	"LogSumExp":                visibleLogSumExp,
	"Logits":                   visibleLogits,
	"Loss":                     visibleLoss,
	"MaxPool":                  visibleMaxPool,
	"MaxPoolBackward":          visibleMaxPoolBackward,
	"MeanAndRange":             visibleMeanAndRange,
	"MomentumStep":             visibleMomentumStep,
	"NetworkCost":              visibleNetworkCost,
	"NormalizeBackward":        visibleNormalizeBackward,
	"NormalizeEvaluation":      visibleNormalizeEvaluation,
	"NormalizeTraining":        visibleNormalizeTraining,
	"NumericalGradient":        visibleNumericalGradient,
	"OutputError":              visibleOutputError,
	"OutputSize":               visibleOutputSize,
	"Pick":                     visiblePick,
	"Pixel":                    visiblePixel,
	"RateAt":                   visibleRateAt,
	"ReceptiveField":           visibleReceptiveField,
	"Reliability":              visibleReliability,
	"SplitGroups":              visibleSplitGroups,
	"Scale":                    visibleScale,
	"Shape":                    visibleShape,
	"Softmax":                  visibleSoftmax,
	"SoftmaxByFormula":         visibleSoftmaxByFormula,
	"SoftmaxAt":                visibleSoftmaxAt,
	"Step":                     visibleStep,
	"Steps":                    visibleSteps,
	"StopEpoch":                visibleStopEpoch,
	"TrainEpoch":               visibleTrainEpoch,
	"Update":                   visibleUpdate,
	"UpdateRunning":            visibleUpdateRunning,
}

// functions has the names of those functions that are not called as their check is.
var functions = map[string]string{"ConvolvePaddingAndStride": "Convolve"}

// Files returns the tables as the files in lessons/tables, by their names.
func Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, cases := range visible {
		function := name
		if other, ok := functions[name]; ok {
			function = other
		}
		content, err := lessons.EncodeTable(lessons.Table{Function: function, Cases: cases()})
		if err != nil {
			return nil, fmt.Errorf("the table of %s: %w", name, err)
		}
		files[name+".json"] = content
	}
	return files, nil
}

// check checks a function with cases that have no table.
func check[T any](function string, f any, caseOf func(T) lessons.Case, values ...T) error {
	return checkCases(function, f, each(caseOf, values...)...)
}

// checkCases checks a function with cases that have no table.
func checkCases(function string, f any, cases ...lessons.Case) error {
	return lessons.Table{Function: function, Cases: cases}.Check(f)
}

// each makes a case of each value.
func each[T any](caseOf func(T) lessons.Case, values ...T) []lessons.Case {
	cases := make([]lessons.Case, len(values))
	for i, value := range values {
		cases[i] = caseOf(value)
	}
	return cases
}

// newRandom returns the random numbers of hidden checks, the same in every run.
func newRandom(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0))
}

// total is the sum of the values.
func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// firstError returns the first error of several checks.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
