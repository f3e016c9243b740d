package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckLayer(t *testing.T) {
	type answer = func(inputs []float64, weights [][]float64, biases []float64) (outputs, gradients []float64)
	// outputs gives wrong outputs.
	outputs := func(wrong func(inputs, row []float64, biases []float64, o int) float64) answer {
		return func(inputs []float64, weights [][]float64, biases []float64) ([]float64, []float64) {
			list, gradients := layerOf(inputs, weights, biases)
			for o, row := range weights {
				list[o] = wrong(inputs, row, biases, o)
			}
			return list, gradients
		}
	}
	sum := func(inputs, row []float64) float64 { return linear([][]float64{row}, []float64{0}, inputs)[0] }
	// cut computes a part with Data alone.
	cut := func(part func(in, out int) (from, to int)) answer {
		return func(inputs []float64, weights [][]float64, biases []float64) ([]float64, []float64) {
			list, gradients := layerOf(inputs, weights, biases)
			from, to := part(len(inputs), len(weights))
			clear(gradients[from:to])
			return list, gradients
		}
	}
	testCheck(t, layerOf, lessons.CheckLayer, CheckLayerFurther, []wrongCase[answer]{
		{"the stub", func([]float64, [][]float64, []float64) ([]float64, []float64) { panic("not implemented") }, "Layer is not written yet"},
		{"no biases", outputs(func(x, row, _ []float64, _ int) float64 { return sum(x, row) }), "the biases are missing"},
		{"biases again and again", outputs(func(x, row, b []float64, o int) float64 { return sum(x, row) + float64(len(x))*b[o] }), "added for each input"},
		{"the first bias", outputs(func(x, row, b []float64, _ int) float64 { return sum(x, row) + b[0] }), "all outputs have the first bias"},
		{"the last product", outputs(func(x, row, b []float64, o int) float64 { return row[len(row)-1]*x[len(x)-1] + b[o] }), "only the last product counts"},
		{"relu", outputs(func(x, row, b []float64, o int) float64 { return max(0, sum(x, row)+b[o]) }), "these went through ReLU"},
		{"tanh", outputs(func(x, row, b []float64, o int) float64 { return math.Tanh(sum(x, row) + b[o]) }), "these went through tanh"},
		{"transposed", func(x []float64, weights [][]float64, biases []float64) ([]float64, []float64) {
			return layerOf(x, rowsAsColumns(weights), biases)
		}, "rows and columns of the weights are exchanged"},
		{"one output", func(x []float64, weights [][]float64, biases []float64) ([]float64, []float64) {
			list, gradients := layerOf(x, weights, biases)
			return list[:1], gradients
		}, "an output for each of the 2 rows"},
		{"data only", cut(func(in, out int) (int, int) { return 0, in + in*out + out }), "Add and Mul on the Values"},
		{"the biases' data", cut(func(in, out int) (int, int) { return in + in*out, in + in*out + out }), "the biases are cut off"},
		{"the inputs' data", cut(func(in, out int) (int, int) { return 0, in }), "the inputs are cut off"},
		{"the weights' data", cut(func(in, out int) (int, int) { return in, in + in*out }), "the weights are cut off"},
		{"one input's data", cut(func(int, int) (int, int) { return 0, 1 }), "the graph behind them is not"},
		{"another formula", outputs(func([]float64, []float64, []float64, int) float64 { return 99 }), "output o is biases[o] plus"},
	})
}
