package lessons

// CheckStep checks Step(weights, biases, byWeights, byBiases, learningRate): new
// weights and biases, moved against their gradients.
func CheckStep(step func(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, learningRate float64) ([][]float64, []float64)) error {
	return checkStep(step, stepCase{
		[][]float64{{1, 2}, {3, 4}, {0.5, 0.25}}, []float64{1, 1, -1},
		[][]float64{{2, -4}, {0, 8}, {1, 0.5}}, []float64{-2, 4, 0.5}, 0.25})
}

// CheckStepFurther checks Step with other rates, and with gradients of zero.
func CheckStepFurther(step func(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, learningRate float64) ([][]float64, []float64)) error {
	k, g := randomRegression(29, 10, 5, 1), randomRegression(31, 10, 5, 1)
	return checkStep(step,
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

func checkStep(step func(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, learningRate float64) ([][]float64, []float64), cases ...stepCase) error {
	for _, k := range cases {
		call := callOf("Step", k.weights, k.biases, k.byWeights, k.byBiases, k.rate)
		var got [][]float64
		var gotBiases []float64
		if err := call.run(func() { got, gotBiases = step(k.weights, k.biases, k.byWeights, k.byBiases, k.rate) }); err != nil {
			return err
		}
		want, wantBiases := stepOf(k.weights, k.biases, k.byWeights, k.byBiases, k.rate)
		if alikeRows(got, want) && alikeAll(gotBiases, wantBiases) {
			continue
		}
		if len(got) != len(want) || len(gotBiases) != len(wantBiases) {
			return call.failf("gives %d rows of weights and %d biases, want %d of both", len(got), len(gotBiases), len(want))
		}
		// with is the step by another rate, and from other weights.
		with := func(rate float64) [][]float64 {
			rows, _ := stepOf(k.weights, k.biases, k.byWeights, k.byBiases, rate)
			return rows
		}
		onlyStep := clone(k.byWeights).([][]float64)
		grown := clone(k.byWeights).([][]float64)
		for c, row := range onlyStep {
			for p := range row {
				row[p] *= -k.rate
				grown[c][p] = k.weights[c][p] * (1 - k.rate)
			}
		}
		if !alikeRows(got, want) {
			return call.wrong(got, want, "the weights are wrong: %s", likelyCause(got, alikeRows, "each weight becomes itself minus learningRate times its gradient",
				mistake[[][]float64]{with(-k.rate), "this goes uphill; subtract the gradient, since it points to where the loss grows"},
				mistake[[][]float64]{with(1), "the learning rate is missing; multiply the gradient by it"},
				mistake[[][]float64]{with(0), "they have not changed; subtract learningRate times the gradient"},
				mistake[[][]float64]{with(k.rate / float64(len(k.weights))), "divided by the number of classes; leave that out"},
				mistake[[][]float64]{onlyStep, "this is the step alone; add it to the weights that are there"},
				mistake[[][]float64]{grown, "the weights were multiplied by the learning rate, and not the gradients"},
			))
		}
		biasesWith := func(rate float64) []float64 {
			_, b := stepOf(k.weights, k.biases, k.byWeights, k.byBiases, rate)
			return b
		}
		return call.wrong(gotBiases, wantBiases, "the biases are wrong: %s", likelyCause(gotBiases, alikeAll, "each bias becomes itself minus learningRate times its gradient",
			mistake[[]float64]{biasesWith(0), "they have not changed; they learn as the weights do"},
			mistake[[]float64]{biasesWith(-k.rate), "this goes uphill; subtract the gradient"},
			mistake[[]float64]{biasesWith(1), "the learning rate is missing for the biases"},
		))
	}
	return nil
}

// stepOf is the reference.
func stepOf(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, rate float64) ([][]float64, []float64) {
	newWeights, newBiases := clone(weights).([][]float64), clone(biases).([]float64)
	for c, row := range newWeights {
		newBiases[c] -= rate * byBiases[c]
		for p := range row {
			row[p] -= rate * byWeights[c][p]
		}
	}
	return newWeights, newBiases
}
