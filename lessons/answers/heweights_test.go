package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckHeWeights(t *testing.T) {
	type answer = func(normals []float64, in, out int) [][]float64
	scaled := func(factor func(in, out float64) float64) answer {
		return func(normals []float64, in, out int) [][]float64 {
			return filled(normals, in, out, factor(float64(in), float64(out)))
		}
	}
	testCheck(t, heWeightsOf, lessons.CheckHeWeights, CheckHeWeightsFurther, []wrongCase[answer]{
		{"the stub", func([]float64, int, int) [][]float64 { panic("not implemented") }, "HeWeights is not written yet"},
		{"the variance", scaled(func(in, _ float64) float64 { return 2 / in }), "multiplied by the variance"},
		{"the root of 2", scaled(func(in, _ float64) float64 { return math.Sqrt2 / in }), "the square root is of the 2 only"},
		{"the outputs", scaled(func(_, out float64) float64 { return math.Sqrt(2 / out) }), "divided by the number of outputs"},
		{"without the 2", scaled(func(in, _ float64) float64 { return math.Sqrt(1 / in) }), "the variance is 1/in"},
		{"upside down", scaled(func(in, _ float64) float64 { return math.Sqrt(in / 2) }), "upside down"},
		{"as given", scaled(func(_, _ float64) float64 { return 1 }), "as they were given"},
		{"whole numbers", scaled(func(in, _ float64) float64 { return math.Sqrt(float64(2 / int(in))) }), "division of whole numbers"},
		{"column by column", func(normals []float64, in, out int) [][]float64 {
			return transposed(heWeightsByOutputs(normals, in, out))
		}, "column by column"},
		{"rows alike", func(normals []float64, in, out int) [][]float64 {
			rows := make([][]float64, in)
			for i := range rows {
				rows[i] = append(rows[i], heWeightsOf(normals, in, out)[0]...)
			}
			return rows
		}, "all rows are alike"},
		{"one slice", func(normals []float64, in, out int) [][]float64 {
			rows := heWeightsOf(normals, in, out)
			for i := range rows {
				rows[i] = rows[in-1]
			}
			return rows
		}, "all rows share one slice"},
		{"rows and columns exchanged", func(normals []float64, in, out int) [][]float64 {
			return transposed(heWeightsOf(normals, in, out))
		}, "gives 3 rows, expected 5"},
		{"in place", func(normals []float64, in, out int) [][]float64 {
			rows := heWeightsOf(normals, in, out)
			normals[0] = 7
			return rows
		}, "changes its argument"},
		{"another formula", scaled(func(in, out float64) float64 { return math.Sqrt(6 / (in + out)) }), "times the square root of 2/in"},
	})
}

// heWeightsByOutputs is HeWeights with inputs and outputs exchanged, but the right variance.
func heWeightsByOutputs(normals []float64, in, out int) [][]float64 {
	return filled(normals, out, in, math.Sqrt(2/float64(in)))
}
