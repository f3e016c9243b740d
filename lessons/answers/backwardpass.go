package answers

import (
	"fmt"
	"slices"

	"fashionlab/lessons"
)

func visibleBackwardPass() []lessons.Case {
	return each(backwardPassCaseOf, backwardCase{
		x:   [][]float64{{1, 0.5}, {0.25, 1}, {0.5, -1}},
		h:   [][]float64{{0.5, 0, 2, 1}, {0, 1.5, 0.25, 0}, {3, 0, 0, 2}},
		w2:  [][]float64{{1, -1, 0.5}, {2, 0.5, -1}, {-0.5, 1, 1}, {0.25, -2, 1.5}},
		dz2: [][]float64{{0.25, -0.125, -0.125}, {-0.25, 0.5, -0.25}, {0.125, 0.25, -0.375}},
	})
}

// CheckBackwardPassFurther checks BackwardPass on one image, with as many hidden units as
// classes, with a hidden unit that is 0 for all images, and on a larger random network.
func CheckBackwardPassFurther(backward func(x, h, w2, dz2 [][]float64) ([][]float64, []float64, [][]float64, []float64)) error {
	silent := randomBackward(124, 4, 3, 3, 2)
	for _, row := range silent.h {
		row[1] = 0
	}
	return check("BackwardPass", backward, backwardPassCaseOf,
		randomBackward(121, 1, 5, 4, 3),
		randomBackward(122, 3, 3, 3, 3),
		silent,
		randomBackward(123, 8, 12, 6, 10),
	)
}

// A backwardCase is what a backward pass needs.
type backwardCase struct{ x, h, w2, dz2 [][]float64 }

// randomBackward makes a case with the given numbers of images, pixels, hidden units and classes.
func randomBackward(seed uint64, images, pixels, hidden, classes int) backwardCase {
	k := randomNetwork(seed, images, pixels, hidden, classes)
	h, logits := forwardPassOf(k.x, k.w1, k.b1, k.w2, k.b2)
	labels, random := make([]int, images), newRandom(seed)
	for i := range labels {
		labels[i] = random.IntN(classes)
	}
	return backwardCase{k.x, h, k.w2, outputErrorOf(logits, labels)}
}

// backwardPassCaseOf is a call, with the right results and those of typical mistakes.
func backwardPassCaseOf(k backwardCase) lessons.Case {
	dw1, db1, dw2, db2 := backwardPassOf(k.x, k.h, k.w2, k.dz2)
	n := float64(len(k.x))
	dh := productOf(k.dz2, transposed(k.w2))
	// hidden returns the gradients of the first layer with another derivative of ReLU.
	hidden := func(derivative func(h, dh float64) float64) ([][]float64, []float64) {
		dz1 := copyRows(dh)
		for i, row := range dz1 {
			for j := range row {
				row[j] *= derivative(k.h[i][j], dh[i][j])
			}
		}
		return productOf(transposed(k.x), dz1), columnSums(dz1)
	}
	step := func(on bool) float64 {
		if on {
			return 1
		}
		return 0
	}
	unmasked, unmaskedSums := hidden(func(_, _ float64) float64 { return 1 })
	reversed, _ := hidden(func(h, _ float64) float64 { return step(h == 0) })
	byGradient, _ := hidden(func(_, dh float64) float64 { return step(dh > 0) })
	byValue, _ := hidden(func(h, _ float64) float64 { return h })
	shares := func(v float64) float64 { return v / n }
	negative := func(v float64) float64 { return -v }
	zero := func(float64) float64 { return 0 }
	matrix := func(name string, want [][]float64, rows, columns string) []lessons.Cause {
		return []lessons.Cause{
			lessons.If(lessons.WrongLength, "gives {length} rows of %s, expected %d: one for each %s", name, len(want), rows).Alone(),
			lessons.If(lessons.WrongRowLength, "gives {rowLength} values in row {row} of %s, expected %d: one for each %s", name, len(want[0]), columns).Alone(),
		}
	}
	biases := func(name string, want []float64, what string) []lessons.Cause {
		return []lessons.Cause{
			lessons.If(lessons.WrongLength, "gives {length} values of %s, expected %d: one for each %s", name, len(want), what).Alone(),
			lessons.Gives(mapped(want, zero), "all are 0: the biases learn, too; %s is the sum of the rows of dz%s", name, name[2:]),
			lessons.Gives(mapped(want, shares), "divided by the number of images once more; dz2 is divided by it already, so %s is a sum", name),
			lessons.Gives(mapped(want, negative), "the sign of %s is wrong: it is the gradient, and the step subtracts it later", name),
		}
	}
	last := len(k.dz2) - 1
	c := lessons.Case{
		Arguments: []any{k.x, k.h, k.w2, k.dz2},
		Shown:     fmt.Sprintf("x of %d×%d, h of %d×%d, w2 of %d×%d, dz2", len(k.x), len(k.x[0]), len(k.h), len(k.h[0]), len(k.w2), len(k.w2[0])),
		Results: []lessons.Result{
			{Verb: "gives dw1 = {got}", Want: dw1, Causes: slices.Concat(matrix("dw1", dw1, "pixel", "hidden unit"), []lessons.Cause{
				lessons.Gives(unmasked, "the derivative of ReLU is missing: set dz1[i][j] to 0 where h[i][j] is 0"),
				lessons.Gives(reversed, "dz1 is kept where h is 0, and it must be 0 there; it is the other values that pass"),
				lessons.Gives(byGradient, "ReLU is applied to the gradient; its derivative depends on h: 1 where h[i][j] is positive, otherwise 0"),
				lessons.Gives(byValue, "the gradient is multiplied by h; the derivative of ReLU is 1 where h is positive, whatever its value"),
				lessons.Gives(mappedRows(dw1, shares), "dw1 is divided by the number of images once more; dz2 is divided by it already"),
				lessons.Gives(mappedRows(dw1, negative), "the sign of dw1 is wrong: it is the gradient, and the step subtracts it later"),
				lessons.Otherwise("dz1 is dz2·w2ᵀ with 0 where h is 0, and dw1 is xᵀ·dz1"),
			})},
			{Verb: "gives db1 = {got}", Want: db1, Causes: append(biases("db1", db1, "hidden unit"),
				lessons.Gives(unmaskedSums, "db1 sums up the gradient before the derivative of ReLU; sum up dz1, which is 0 where h is 0"),
				lessons.Otherwise("db1[j] is the sum of dz1[i][j] over all images i"))},
			{Verb: "gives dw2 = {got}", Want: dw2, Causes: append(matrix("dw2", dw2, "hidden unit", "class"),
				lessons.Gives(mappedRows(dw2, shares), "dw2 is divided by the number of images once more; dz2 is divided by it already, so leave this out"),
				lessons.Gives(mappedRows(dw2, negative), "the sign of dw2 is wrong: it is the gradient, and the step subtracts it later"),
				lessons.Otherwise("dw2 is hᵀ·dz2"))},
			{Verb: "gives db2 = {got}", Want: db2, Causes: append(biases("db2", db2, "class"),
				lessons.Gives(k.dz2[last], "only the last image is left; add the rows up with +="),
				lessons.Otherwise("db2[c] is the sum of dz2[i][c] over all images i"))},
		},
	}
	return c
}

// backwardPassOf is the reference.
func backwardPassOf(x, h, w2, dz2 [][]float64) (dw1 [][]float64, db1 []float64, dw2 [][]float64, db2 []float64) {
	dz1 := productOf(dz2, transposed(w2))
	for i, row := range dz1 {
		for j := range row {
			if h[i][j] == 0 {
				row[j] = 0
			}
		}
	}
	return productOf(transposed(x), dz1), columnSums(dz1), productOf(transposed(h), dz2), columnSums(dz2)
}

// columnSums adds the rows up.
func columnSums(rows [][]float64) []float64 {
	sums := make([]float64, len(rows[0]))
	for _, row := range rows {
		for j, v := range row {
			sums[j] += v
		}
	}
	return sums
}
