package plots

import (
	"math"
	"testing"
)

func fiveScores() []Score {
	return []Score{
		{Model: "softmax", Accuracies: []float64{0.702, 0.705, 0.698}, Reference: 0.70},
		{Model: "cnn", Accuracies: []float64{0.883, 0.891, 0.879}, Reference: 0.885},
		{Model: "cnn_v1", Accuracies: []float64{0.890, 0.901, 0.896}, Reference: 0.883},
		{Model: "cnn_v2", Accuracies: []float64{0.905, 0.912, 0.909}, Reference: 0.912},
		{Model: "cnn_v3", Accuracies: []float64{0.900, 0.898, 0.907}, Reference: 0.901},
	}
}

func TestCompareLooksAsBefore(t *testing.T) {
	figure, err := Compare("Test accuracy", "the original", fiveScores()...)
	checkGolden(t, "compare", figure, err)
}

func TestCompareOfSingleRunsLooksAsBefore(t *testing.T) {
	figure, err := Compare("Test accuracy", "", Score{Model: "cnn", Accuracies: []float64{0.88}}, Score{Model: "cnn_v2", Accuracies: []float64{0.91}})
	checkGolden(t, "compare_single", figure, err)
}

func TestCompareRejectsInvalidArguments(t *testing.T) {
	for what, score := range map[string]Score{
		"no accuracies":                {Model: "cnn"},
		"no name":                      {Accuracies: []float64{0.9}},
		"per cent instead of fraction": {Model: "cnn", Accuracies: []float64{90}},
		"NaN":                          {Model: "cnn", Accuracies: []float64{math.NaN()}},
		"a reference without a name":   {Model: "cnn", Accuracies: []float64{0.9}, Reference: 0.9},
	} {
		figure, err := Compare("t", "", score)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Compare("t", "")
	wantError(t, "no scores", figure, err, errNoValues)
}
