package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckForwardPass(t *testing.T) {
	type answer = func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) ([][]float64, [][]float64)
	// through is a forward pass with another hidden layer, given the values before ReLU and those without the biases.
	through := func(layer func(z1, product [][]float64, b1 []float64) [][]float64) answer {
		return func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) ([][]float64, [][]float64) {
			product := productOf(x, w1)
			h := layer(plusRow(product, b1), product, b1)
			return h, plusRow(productOf(h, w2), b2)
		}
	}
	// after changes the right results.
	after := func(change func(h, logits [][]float64) ([][]float64, [][]float64)) answer {
		return func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) ([][]float64, [][]float64) {
			return change(forwardPassOf(x, w1, b1, w2, b2))
		}
	}
	testCheck(t, forwardPassOf, lessons.CheckForwardPass, CheckForwardPassFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, [][]float64, []float64, [][]float64, []float64) ([][]float64, [][]float64) {
			panic("not implemented")
		}, "ForwardPass is not written yet"},
		{"no ReLU", through(func(z1, _ [][]float64, _ []float64) [][]float64 { return z1 }), "ReLU is missing"},
		{"no b1", through(func(_, product [][]float64, _ []float64) [][]float64 { return mappedRows(product, rectified) }), "the biases b1 are missing"},
		{"ReLU first", through(func(_, product [][]float64, b1 []float64) [][]float64 {
			return plusRow(mappedRows(product, rectified), b1)
		}), "ReLU comes before the biases"},
		{"the negative part", through(func(z1, _ [][]float64, _ []float64) [][]float64 {
			return mappedRows(z1, func(z float64) float64 { return min(0, z) })
		}), "these are the negative values"},
		{"the size", through(func(z1, _ [][]float64, _ []float64) [][]float64 {
			return mappedRows(z1, func(z float64) float64 { return max(z, -z) })
		}), "the negative values became positive"},
		{"rows and columns exchanged", after(func(h, logits [][]float64) ([][]float64, [][]float64) {
			return transposed(h), logits
		}), "rows of h, expected"},
		{"no b2", func(x, w1 [][]float64, b1 []float64, w2 [][]float64, _ []float64) ([][]float64, [][]float64) {
			h, _ := forwardPassOf(x, w1, b1, w2, make([]float64, len(w2[0])))
			return h, productOf(h, w2)
		}, "the biases b2 are missing"},
		{"ReLU twice", after(func(h, logits [][]float64) ([][]float64, [][]float64) {
			return h, mappedRows(logits, rectified)
		}), "ReLU belongs to the hidden layer only"},
		{"softmax", after(func(h, logits [][]float64) ([][]float64, [][]float64) {
			p := make([][]float64, len(logits))
			for i, z := range logits {
				p[i] = softmaxOf(z)
			}
			return h, p
		}), "these are probabilities"},
		{"z1 to the second layer", func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) ([][]float64, [][]float64) {
			z1 := plusRow(productOf(x, w1), b1)
			return mappedRows(z1, rectified), plusRow(productOf(z1, w2), b2)
		}, "the second layer gets the values before ReLU"},
		{"in place", func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) ([][]float64, [][]float64) {
			h, logits := forwardPassOf(x, w1, b1, w2, b2)
			x[0][0]++
			return h, logits
		}, "changes its argument"},
		{"another formula", through(func(z1, _ [][]float64, _ []float64) [][]float64 {
			return mappedRows(z1, func(z float64) float64 { return max(0.01*z, z) })
		}), "plus b1 in each row, with the negative values replaced by 0"},
	})
}
