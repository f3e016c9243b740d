package answers

import (
	"fmt"

	"fashionlab/lessons"
)

func visibleForwardPass() []lessons.Case {
	return each(forwardPassCaseOf, networkCase{
		x:  [][]float64{{1, 0.5}, {0.25, 1}},
		w1: [][]float64{{1, -2, 0.5}, {-1, 1, 2}}, b1: []float64{0.5, 0.25, -1.5},
		w2: [][]float64{{1, -1}, {2, 0.5}, {-0.5, 1}}, b2: []float64{0.25, -0.75},
	})
}

// CheckForwardPassFurther checks ForwardPass on one image, with as many images as hidden
// units, and on larger random networks.
func CheckForwardPassFurther(forward func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) ([][]float64, [][]float64)) error {
	return check("ForwardPass", forward, forwardPassCaseOf,
		randomNetwork(101, 1, 5, 4, 3),
		randomNetwork(102, 4, 4, 4, 4),
		randomNetwork(103, 7, 20, 6, 10),
	)
}

// A networkCase is a network with one hidden layer, and a batch.
type networkCase struct {
	x, w1 [][]float64
	b1    []float64
	w2    [][]float64
	b2    []float64
}

// randomNetwork makes a case with the given numbers of images, pixels, hidden units and classes.
func randomNetwork(seed uint64, images, pixels, hidden, classes int) networkCase {
	random := newRandom(seed)
	normal := func(rows, columns int) [][]float64 {
		out := make([][]float64, rows)
		for i := range out {
			for range columns {
				out[i] = append(out[i], random.NormFloat64())
			}
		}
		return out
	}
	return networkCase{normal(images, pixels), normal(pixels, hidden), normal(1, hidden)[0], normal(hidden, classes), normal(1, classes)[0]}
}

// forwardPassCaseOf is a call, with the right results and those of typical mistakes.
func forwardPassCaseOf(k networkCase) lessons.Case {
	h, logits := forwardPassOf(k.x, k.w1, k.b1, k.w2, k.b2)
	z1 := plusRow(productOf(k.x, k.w1), k.b1)
	withoutBiases := mappedRows(productOf(k.x, k.w1), rectified)
	probabilities := make([][]float64, len(logits))
	for i, z := range logits {
		probabilities[i] = softmaxOf(z)
	}
	c := lessons.Case{
		Arguments: []any{k.x, k.w1, k.b1, k.w2, k.b2},
		Results: []lessons.Result{
			{Verb: "gives h = {got}", Want: h, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} rows of h, expected %d: one for each image", len(h)).Alone(),
				lessons.If(lessons.WrongRowLength, "gives {rowLength} values in row {row} of h, expected %d: one for each hidden unit", len(k.b1)).Alone(),
				lessons.Gives(z1, "ReLU is missing: replace the negative values by 0"),
				lessons.Gives(withoutBiases, "the biases b1 are missing: add b1 to each row of x·w1, before ReLU"),
				lessons.Gives(plusRow(withoutBiases, k.b1), "ReLU comes before the biases here: add b1 first, and then replace the negative values by 0"),
				lessons.Gives(mappedRows(z1, func(z float64) float64 { return min(0, z) }), "these are the negative values; ReLU keeps the positive ones, max(0, z)"),
				lessons.Gives(mappedRows(z1, func(z float64) float64 { return max(z, -z) }), "the negative values became positive; ReLU replaces them by 0"),
				lessons.Otherwise("h is x·w1, plus b1 in each row, with the negative values replaced by 0"),
			}},
			{Verb: "gives logits = {got}", Want: logits, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} rows of logits, expected %d: one for each image", len(logits)).Alone(),
				lessons.If(lessons.WrongRowLength, "gives {rowLength} logits in row {row}, expected %d: one for each class", len(k.b2)).Alone(),
				lessons.Gives(productOf(h, k.w2), "the biases b2 are missing: add b2 to each row of h·w2"),
				lessons.Gives(mappedRows(logits, rectified), "ReLU belongs to the hidden layer only; logits may be negative"),
				lessons.Gives(probabilities, "these are probabilities: leave softmax out, which is a part of the loss"),
				lessons.Gives(plusRow(productOf(z1, k.w2), k.b2), "the second layer gets the values before ReLU; multiply h by w2"),
				lessons.Otherwise("the logits are h·w2, plus b2 in each row"),
			}},
		},
	}
	if len(k.x)*len(k.x[0]) > 4 {
		c.Shown = fmt.Sprintf("x of %d×%d, w1 of %d×%d, b1, w2 of %d×%d, b2", len(k.x), len(k.x[0]), len(k.w1), len(k.b1), len(k.w2), len(k.b2))
	}
	return c
}

// forwardPassOf is the reference.
func forwardPassOf(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) (h, logits [][]float64) {
	h = mappedRows(plusRow(productOf(x, w1), b1), rectified)
	return h, plusRow(productOf(h, w2), b2)
}

// productOf is the product of two matrices.
func productOf(a, b [][]float64) [][]float64 {
	out := make([][]float64, len(a))
	for i, row := range a {
		out[i] = make([]float64, len(b[0]))
		for k, v := range row {
			for j, w := range b[k] {
				out[i][j] += v * w
			}
		}
	}
	return out
}

// plusRow adds a row to each row.
func plusRow(rows [][]float64, row []float64) [][]float64 {
	out := copyRows(rows)
	for _, sum := range out {
		for j := range sum {
			sum[j] += row[j]
		}
	}
	return out
}

// mappedRows returns f of each value.
func mappedRows(rows [][]float64, f func(float64) float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = mapped(row, f)
	}
	return out
}

// rectified is ReLU.
func rectified(z float64) float64 { return max(0, z) }
