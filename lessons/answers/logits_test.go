package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckLogits(t *testing.T) {
	type answer = func(weights [][]float64, biases, x []float64) []float64
	// each gives an answer that computes every class by itself.
	each := func(f func(row []float64, bias float64, x []float64) float64) answer {
		return func(weights [][]float64, biases, x []float64) []float64 {
			z := make([]float64, len(weights))
			for i := range z {
				z[i] = f(weights[i], biases[i], x)
			}
			return z
		}
	}
	testCheck(t, linear, lessons.CheckLogits, CheckLogitsFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, []float64, []float64) []float64 { panic("not implemented") }, "Logits is not written yet"},
		{"without the bias", each(func(row []float64, _ float64, x []float64) float64 {
			return linear([][]float64{row}, []float64{0}, x)[0]
		}), "the biases are missing"},
		{"the bias for every pixel", each(func(row []float64, bias float64, x []float64) float64 {
			sum := 0.0
			for p := range x {
				sum += row[p]*x[p] + bias
			}
			return sum
		}), "once for each pixel"},
		{"= in place of +=", each(func(row []float64, bias float64, x []float64) float64 {
			sum := 0.0
			for p := range x {
				sum = row[p] * x[p]
			}
			return sum + bias
		}), "only the product of the last pixel"},
		{"the sum is not reset", func(weights [][]float64, biases, x []float64) []float64 {
			var z []float64
			sum := 0.0
			for i, row := range weights {
				for p := range x {
					sum += row[p] * x[p]
				}
				sum += biases[i]
				z = append(z, sum)
			}
			return z
		}, "begins with the sum of the class before"},
		{"without the pixels", each(func(row []float64, bias float64, _ []float64) float64 { return total(row) + bias }), "without the pixels"},
		{"rows and columns exchanged", func(weights [][]float64, biases, x []float64) []float64 {
			z := make([]float64, len(weights))
			for i := range z {
				z[i] = biases[i]
				for p := range x {
					z[i] += weights[p][i] * x[p]
				}
			}
			return z
		}, "panics: index out of range"},
		{"a logit for each pixel", func(weights [][]float64, _, x []float64) []float64 { return make([]float64, len(x)) }, "a logit for each class"},
		{"writes to the biases", func(weights [][]float64, biases, x []float64) []float64 {
			for i, row := range weights {
				for p := range x {
					biases[i] += row[p] * x[p]
				}
			}
			return biases
		}, "changes its argument"},
		{"another formula", each(func(row []float64, bias float64, x []float64) float64 { return row[0] + x[0] }), "logit i is `biases[i]` plus"},
	})
}

func TestCheckLogitsFurtherTellsRowsFromColumns(t *testing.T) {
	err := CheckLogitsFurther(func(weights [][]float64, biases, x []float64) []float64 {
		return linear(rowsAsColumns(weights), biases, x)
	})
	expectMessage(t, err, "rows and columns of the weights are exchanged")
}
