package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckSoftmaxRows(t *testing.T) {
	type answer = func([][]float64) [][]float64
	testCheck(t, softmaxRows, lessons.CheckSoftmaxRows, CheckSoftmaxRowsFurther, []wrongCase[answer]{
		{"the stub", func([][]float64) [][]float64 { panic("not implemented") }, "SoftmaxRows is not written yet"},
		{"all rows together", func(z [][]float64) [][]float64 {
			var flat []float64
			for _, row := range z {
				flat = append(flat, row...)
			}
			flat = softmaxOf(flat)
			out := make([][]float64, len(z))
			for i, row := range z {
				out[i], flat = flat[:len(row)], flat[len(row):]
			}
			return out
		}, "all rows together sum to 1"},
		{"columns", func(z [][]float64) [][]float64 { return rowsAsColumns(softmaxRows(rowsAsColumns(z))) }, "the columns sum to 1"},
		{"the first row only", func(z [][]float64) [][]float64 {
			out := make([][]float64, len(z))
			for i, row := range z {
				out[i] = make([]float64, len(row))
			}
			out[0] = softmaxOf(z[0])
			return out
		}, "only the first row was computed"},
		{"always the first row", func(z [][]float64) [][]float64 {
			out := make([][]float64, len(z))
			for i := range z {
				out[i] = softmaxOf(z[0])
			}
			return out
		}, "every row is the softmax of the first"},
		{"one slice for all rows", func(z [][]float64) [][]float64 {
			out := make([][]float64, len(z))
			row := make([]float64, len(z[0]))
			for i := range z {
				copy(row, softmaxOf(z[i]))
				out[i] = row
			}
			return out
		}, "all rows share one slice"},
		{"in place", func(z [][]float64) [][]float64 {
			for i := range z {
				z[i] = softmaxOf(z[i])
			}
			return z
		}, "changes its argument"},
		{"one row", func(z [][]float64) [][]float64 { return softmaxRows(z[:1]) }, "a row of probabilities for each"},
		{"short rows", func(z [][]float64) [][]float64 {
			out := softmaxRows(z)
			out[1] = out[1][1:]
			return out
		}, "row 1 has 2 probabilities for 3 logits"},
		{"one largest logit for all rows", func(z [][]float64) [][]float64 {
			out := make([][]float64, len(z))
			top := z[0][0]
			for _, row := range z {
				top = max(top, row[largest(row)])
			}
			for i, row := range z {
				out[i] = byFormula(eachOf(func(v float64, _ []float64) float64 { return v - top })(row))
			}
			return out
		}, "row 0 is wrong"},
		{"by the formula", func(z [][]float64) [][]float64 {
			out := make([][]float64, len(z))
			for i, row := range z {
				out[i] = byFormula(row)
			}
			return out
		}, "row 1 is wrong: probably because e^-2000 is less than"},
	})
}
