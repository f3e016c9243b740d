package plots

import (
	"image"
	"math"
	"testing"
)

func TestMatricesLookAsBefore(t *testing.T) {
	input := [][]float64{{0, 0, 0, 0, 0}, {0, 1, 2, 0, 0}, {0, 3, 4, 1, 0}, {0, 2, 0, 1, 0}, {0, 0, 0, 0, 0}}
	kernel := [][]float64{{1, 0, -1}, {2, 0, -2}, {1, 0, -1}}
	output := [][]float64{{-8, 2, 8}, {-10, 3, 10}, {-8, 3, 6}}
	figure, err := Matrices("A convolution with padding",
		Matrix{Title: "input, padded", Values: input, Padding: 1, Window: image.Rect(0, 0, 3, 3)},
		Matrix{Title: "kernel", Values: kernel, Before: "∗"},
		Matrix{Title: "output", Values: output, Before: "=", Window: image.Rect(0, 0, 1, 1)},
		Matrix{Title: "weights", Values: [][]float64{{0.125, -0.5, 0.333}, {1, 0, -0.004}}},
		Matrix{Title: "all zero", Values: [][]float64{{0, 0}, {0, 0}}})
	checkGolden(t, "matrices", figure, err)
}

func TestMatricesRejectsInvalidArguments(t *testing.T) {
	large := make([][]float64, 13)
	for i := range large {
		large[i] = []float64{1}
	}
	for what, m := range map[string]Matrix{
		"no values":        {},
		"an empty row":     {Values: [][]float64{{}}},
		"ragged rows":      {Values: [][]float64{{1, 2}, {3}}},
		"NaN":              {Values: [][]float64{{math.NaN()}}},
		"too many rows":    {Values: large},
		"only padding":     {Values: [][]float64{{1}}, Padding: 1},
		"a window outside": {Values: [][]float64{{1}}, Window: image.Rect(0, 0, 2, 1)},
	} {
		figure, err := Matrices("t", m)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Matrices("t")
	wantError(t, "no matrices", figure, err, errNoValues)
}

func TestCellLabelsSuitTheNumbers(t *testing.T) {
	for want, v := range map[string]float64{"3": 3, "−3": -3, "0": math.Copysign(0, -1), "0.25": 0.25, "12.3": 12.34, "−0.50": -0.5} {
		if got := cellLabels([][]float64{{v}})[0][0]; got != want {
			t.Errorf("the label of %v is %q, want %q", v, got, want)
		}
	}
}
