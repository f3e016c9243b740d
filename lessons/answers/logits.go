package answers

import "fashionlab/lessons"

func visibleLogits() []lessons.Case {
	return each(logitsCaseOf,
		linearCase{[][]float64{{1, 2, 3}, {-1, 0, 2}}, []float64{0.5, -0.5}, []float64{1, 0.5, 2}},
	)
}

// CheckLogitsFurther checks Logits on other sizes: as many classes as pixels,
// one class, and weights that make large sums.
func CheckLogitsFurther(logits func(weights [][]float64, biases, x []float64) []float64) error {
	return check("Logits", logits, logitsCaseOf,
		linearCase{[][]float64{{0, 1, 2}, {3, 4, 5}, {6, 7, 8}}, []float64{1, 2, 4}, []float64{1, 0, 0.25}},
		linearCase{[][]float64{{2, -2, 0.5, 1}}, []float64{3}, []float64{0.5, 0.25, 1, 1}},
		linearCase{[][]float64{{1}, {-2}, {3}, {100}}, []float64{0, 0.125, 0, -100}, []float64{0.5}},
	)
}

type linearCase struct {
	weights   [][]float64
	biases, x []float64
}

// logitsCaseOf is a call, with the right result and those of typical mistakes.
func logitsCaseOf(k linearCase) lessons.Case {
	want := linear(k.weights, k.biases, k.x)
	classes, pixels := len(want), len(k.x)
	withoutBias := make([]float64, classes)
	everyBias := make([]float64, classes)
	lastProduct := make([]float64, classes)
	running := make([]float64, classes)
	onlyWeights := make([]float64, classes)
	carried := 0.0
	for i, row := range k.weights {
		withoutBias[i] = want[i] - k.biases[i]
		everyBias[i] = withoutBias[i] + k.biases[i]*float64(pixels)
		lastProduct[i] = row[pixels-1]*k.x[pixels-1] + k.biases[i]
		carried += want[i]
		running[i] = carried
		onlyWeights[i] = total(row) + k.biases[i]
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a logit for each class, so for each row of the weights: %d, not {length}", len(want)),
		lessons.Gives(withoutBias, "the biases are missing; add `biases[i]` to the sum of class i"),
		lessons.Gives(everyBias, "the bias is added once for each pixel; add it once for each class, outside of the loop over the pixels"),
		lessons.Gives(lastProduct, "only the product of the last pixel is left of the sum; add each product to it with +="),
		lessons.Gives(running, "each class begins with the sum of the class before it; set the sum to 0 again for each class"),
		lessons.Gives(onlyWeights, "the weights are added up without the pixels; multiply each weight by its pixel"),
	}
	if classes == pixels {
		causes = append(causes, lessons.Gives(linear(rowsAsColumns(k.weights), k.biases, k.x),
			"rows and columns of the weights are exchanged; weights[i] is the row of class i, and `weights[i][p]` belongs to pixel p"))
	}
	causes = append(causes, lessons.Otherwise("logit i is `biases[i]` plus the sum of `weights[i][p]` times `x[p]` over all p"))
	return lessons.One(want, causes, k.weights, k.biases, k.x)
}

// linear is the reference: z_i = b_i + Σ_p w_ip·x_p.
func linear(weights [][]float64, biases, x []float64) []float64 {
	z := make([]float64, len(weights))
	for i, row := range weights {
		z[i] = biases[i]
		for p, w := range row {
			z[i] += w * x[p]
		}
	}
	return z
}

// rowsAsColumns exchanges rows and columns.
func rowsAsColumns(rows [][]float64) [][]float64 {
	if len(rows) == 0 {
		return nil
	}
	out := make([][]float64, len(rows[0]))
	for c := range out {
		out[c] = make([]float64, len(rows))
		for r := range rows {
			out[c][r] = rows[r][c]
		}
	}
	return out
}
