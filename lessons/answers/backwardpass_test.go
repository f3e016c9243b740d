package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckBackwardPass(t *testing.T) {
	type answer = func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64)
	// hidden is a backward pass with another derivative of ReLU.
	hidden := func(derivative func(h, dh float64) float64) answer {
		return func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			dz1 := productOf(dz2, transposed(w2))
			for i, row := range dz1 {
				for j := range row {
					row[j] *= derivative(h[i][j], row[j])
				}
			}
			return productOf(transposed(x), dz1), columnSums(dz1), productOf(transposed(h), dz2), columnSums(dz2)
		}
	}
	// after changes the right results.
	after := func(change func(dw1 *[][]float64, db1 *[]float64, dw2 *[][]float64, db2 *[]float64, n float64)) answer {
		return func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			dw1, db1, dw2, db2 := backwardPassOf(x, h, w2, dz2)
			change(&dw1, &db1, &dw2, &db2, float64(len(x)))
			return dw1, db1, dw2, db2
		}
	}
	times := func(factor float64) func(float64) float64 { return func(v float64) float64 { return v * factor } }
	testCheck(t, backwardPassOf, lessons.CheckBackwardPass, CheckBackwardPassFurther, []wrongCase[answer]{
		{"the stub", func(_, _, _, _ [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			panic("not implemented")
		}, "BackwardPass is not written yet"},
		{"no derivative of ReLU", hidden(func(_, _ float64) float64 { return 1 }), "the derivative of ReLU is missing"},
		{"the reverse", hidden(func(h, _ float64) float64 {
			if h > 0 {
				return 0
			}
			return 1
		}), "it is the other values that pass"},
		{"ReLU of the gradient", hidden(func(_, dh float64) float64 {
			if dh > 0 {
				return 1
			}
			return 0
		}), "ReLU is applied to the gradient"},
		{"times h", hidden(func(h, _ float64) float64 { return h }), "the gradient is multiplied by h"},
		{"dw1 transposed", after(func(dw1 *[][]float64, _ *[]float64, _ *[][]float64, _ *[]float64, _ float64) {
			*dw1 = transposed(*dw1)
		}), "rows of dw1, expected 2: one for each pixel"},
		{"dw1 divided", after(func(dw1 *[][]float64, _ *[]float64, _ *[][]float64, _ *[]float64, n float64) {
			*dw1 = mappedRows(*dw1, times(1/n))
		}), "dw1 is divided by the number of images once more"},
		{"downhill", after(func(dw1 *[][]float64, _ *[]float64, _ *[][]float64, _ *[]float64, _ float64) {
			*dw1 = mappedRows(*dw1, times(-1))
		}), "the sign of dw1"},
		{"no db1", after(func(_ *[][]float64, db1 *[]float64, _ *[][]float64, _ *[]float64, _ float64) {
			*db1 = mapped(*db1, times(0))
		}), "the sum of the rows of dz1"},
		{"db1 before ReLU", func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			dw1, _, dw2, db2 := backwardPassOf(x, h, w2, dz2)
			return dw1, columnSums(productOf(dz2, transposed(w2))), dw2, db2
		}, "db1 sums up the gradient before the derivative of ReLU"},
		{"db1 divided", after(func(_ *[][]float64, db1 *[]float64, _ *[][]float64, _ *[]float64, n float64) {
			*db1 = mapped(*db1, times(1/n))
		}), "so db1 is a sum"},
		{"dw2 divided", after(func(_ *[][]float64, _ *[]float64, dw2 *[][]float64, _ *[]float64, n float64) {
			*dw2 = mappedRows(*dw2, times(1/n))
		}), "dw2 is divided by the number of images once more"},
		{"dw2 of another input", func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			dw1, db1, _, db2 := backwardPassOf(x, h, w2, dz2)
			return dw1, db1, productOf(transposed(mappedRows(h, times(2))), dz2), db2
		}, "dw2 is hᵀ·dz2"},
		{"db2 of the last image", func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			dw1, db1, dw2, _ := backwardPassOf(x, h, w2, dz2)
			return dw1, db1, dw2, dz2[len(dz2)-1]
		}, "only the last image is left"},
		{"no db2", after(func(_ *[][]float64, _ *[]float64, _ *[][]float64, db2 *[]float64, _ float64) { *db2 = nil }), "gives 0 values of db2"},
		{"in place", func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64) {
			dw1, db1, dw2, db2 := backwardPassOf(x, h, w2, dz2)
			dz2[0][0] = 0
			return dw1, db1, dw2, db2
		}, "changes its argument"},
		{"another formula", hidden(func(h, _ float64) float64 {
			if h > 0 {
				return 3
			}
			return 0.5
		}), "dz1 is dz2·w2ᵀ with 0 where h is 0"},
	})
}

func TestTheReferenceBackwardPassGivesTheSlopesOfTheMeanLoss(t *testing.T) {
	k, labels := randomNetwork(7, 5, 4, 6, 3), []int{0, 2, 1, 1, 2}
	h, logits := forwardPassOf(k.x, k.w1, k.b1, k.w2, k.b2)
	dw1, db1, dw2, db2 := backwardPassOf(k.x, h, k.w2, outputErrorOf(logits, labels))
	loss := func() float64 {
		_, logits := forwardPassOf(k.x, k.w1, k.b1, k.w2, k.b2)
		sum := 0.0
		for i, z := range logits {
			sum += logitLoss(z, labels[i])
		}
		return sum / float64(len(logits))
	}
	for name, values := range map[string]struct{ at, gradient [][]float64 }{
		"w1": {k.w1, dw1}, "b1": {[][]float64{k.b1}, [][]float64{db1}}, "w2": {k.w2, dw2}, "b2": {[][]float64{k.b2}, [][]float64{db2}},
	} {
		expectSlopes(t, name, values.at, values.gradient, loss)
	}
}
