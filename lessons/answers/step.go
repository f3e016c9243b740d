package answers

import (
	"fashionlab/lessons"
	"slices"
)

func visibleStep() []lessons.Case {
	return each(stepCaseOf,
		stepCase{
			[][]float64{{1, 2}, {3, 4}, {0.5, 0.25}}, []float64{1, 1, -1},
			[][]float64{{2, -4}, {0, 8}, {1, 0.5}}, []float64{-2, 4, 0.5}, 0.25},
	)
}

// CheckStepFurther checks Step with other rates, and with gradients of zero.
func CheckStepFurther(step func(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, learningRate float64) ([][]float64, []float64)) error {
	k, g := randomRegression(29, 10, 5, 1), randomRegression(31, 10, 5, 1)
	return check("Step", step, stepCaseOf,
		stepCase{k.weights, k.biases, g.weights, g.biases, 0.001},
		stepCase{[][]float64{{1, 2, 3}}, []float64{4}, [][]float64{{0, 0, 0}}, []float64{0}, 2},
		stepCase{[][]float64{{1, 2, 3}}, []float64{4}, [][]float64{{1, 1, 1}}, []float64{1}, 0},
	)
}

type stepCase struct {
	weights   [][]float64
	biases    []float64
	byWeights [][]float64
	byBiases  []float64
	rate      float64
}

// stepCaseOf is a call, with the right results and those of typical mistakes.
func stepCaseOf(k stepCase) lessons.Case {
	want, wantBiases := stepOf(k.weights, k.biases, k.byWeights, k.byBiases, k.rate)
	// with is the step by another rate, and from other weights.
	with := func(rate float64) [][]float64 {
		rows, _ := stepOf(k.weights, k.biases, k.byWeights, k.byBiases, rate)
		return rows
	}
	onlyStep := copyRows(k.byWeights)
	grown := copyRows(k.byWeights)
	for c, row := range onlyStep {
		for p := range row {
			row[p] *= -k.rate
			grown[c][p] = k.weights[c][p] * (1 - k.rate)
		}
	}
	biasesWith := func(rate float64) []float64 {
		_, b := stepOf(k.weights, k.biases, k.byWeights, k.byBiases, rate)
		return b
	}
	return lessons.Case{
		Arguments: []any{k.weights, k.biases, k.byWeights, k.byBiases, k.rate},
		Results: []lessons.Result{
			{Want: want, Causes: append([]lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} rows of weights, expected %d: one for each class", len(want)).Alone(),
			}, saying("the weights are wrong: ",
				lessons.Gives(with(-k.rate), "this goes uphill; subtract the gradient, since it points to where the loss grows"),
				lessons.Gives(with(1), "the learning rate is missing; multiply the gradient by it"),
				lessons.Gives(with(0), "they have not changed; subtract `learningRate` times the gradient"),
				lessons.Gives(with(k.rate/float64(len(k.weights))), "divided by the number of classes; leave that out"),
				lessons.Gives(onlyStep, "this is the step alone; add it to the weights that are there"),
				lessons.Gives(grown, "the weights were multiplied by the learning rate, and not the gradients"),
				lessons.Otherwise("each weight becomes itself minus `learningRate` times its gradient"),
			)...)},
			{Want: wantBiases, Causes: append([]lessons.Cause{
				lessons.If(lessons.WrongLength, "gives {length} biases, expected %d: one for each class", len(wantBiases)).Alone(),
			}, saying("the biases are wrong: ",
				lessons.Gives(biasesWith(0), "they have not changed; they learn as the weights do"),
				lessons.Gives(biasesWith(-k.rate), "this goes uphill; subtract the gradient"),
				lessons.Gives(biasesWith(1), "the learning rate is missing for the biases"),
				lessons.Otherwise("each bias becomes itself minus `learningRate` times its gradient"),
			)...)},
		},
	}
}

// stepOf is the reference.
func stepOf(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, rate float64) ([][]float64, []float64) {
	newWeights, newBiases := copyRows(weights), slices.Clone(biases)
	for c, row := range newWeights {
		newBiases[c] -= rate * byBiases[c]
		for p := range row {
			row[p] -= rate * byWeights[c][p]
		}
	}
	return newWeights, newBiases
}
