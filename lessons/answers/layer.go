package answers

import (
	"slices"

	"fashionlab/lessons"
)

func visibleLayer() []lessons.Case {
	return each(layerCaseOf, linearCase{[][]float64{{1, 2}, {-3, 0.5}}, []float64{0.25, -1}, []float64{2, -4}})
}

// CheckLayerFurther checks Layer with other numbers of inputs and outputs.
func CheckLayerFurther(layer func(inputs []float64, weights [][]float64, biases []float64) (outputs, gradients []float64)) error {
	return check("Layer", layer, layerCaseOf,
		linearCase{[][]float64{{2, -1, 0.5}}, []float64{3}, []float64{1, 2, -2}},
		linearCase{[][]float64{{2}, {-1}, {0.5}}, []float64{1, 0, -2}, []float64{3}},
		linearCase{randomRows(72, 4, 6), randomRows(73, 1, 4)[0], randomRows(74, 1, 6)[0]},
	)
}

// layerCaseOf is a call, with the right result and those of typical mistakes.
func layerCaseOf(k linearCase) lessons.Case {
	want, gradients := layerOf(k.x, k.weights, k.biases)
	out, in := len(k.weights), len(k.x)
	outputs := func(output func(o int) float64) []float64 {
		list := make([]float64, out)
		for o := range list {
			list[o] = output(o)
		}
		return list
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is an output for each of the %d rows of weights, not {length}", out),
		lessons.Gives(outputs(func(o int) float64 { return want[o] - k.biases[o] }), "the biases are missing"),
		lessons.Gives(outputs(func(o int) float64 { return want[o] + float64(in-1)*k.biases[o] }), "the bias is added for each input; add it once"),
		lessons.Gives(outputs(func(o int) float64 { return want[o] - k.biases[o] + k.biases[0] }), "all outputs have the first bias; output o has biases[o]"),
		lessons.Gives(outputs(func(o int) float64 { return k.weights[o][in-1]*k.x[in-1] + k.biases[o] }), "only the last product counts; add all of them"),
		lessons.Gives(outputs(func(o int) float64 { return max(want[o], 0) }), "these went through ReLU; the layer ends with the sum"),
		lessons.Gives(outputs(func(o int) float64 { r, _ := evaluateOf("tanh", []float64{want[o]}); return r }), "these went through tanh; the layer ends with the sum"),
	}
	if out == in {
		transposed := outputs(func(o int) float64 {
			sum := k.biases[o]
			for i, x := range k.x {
				sum += k.weights[i][o] * x
			}
			return sum
		})
		causes = append(causes, lessons.Gives(transposed, "rows and columns of the weights are exchanged; output o has the weights weights[o]"))
	}
	causes = append(causes, lessons.Otherwise("output o is biases[o] plus the sum of weights[o][i] · inputs[i]"))

	// What is computed with Data alone is cut off from the graph.
	without := func(from, to int) []float64 {
		list := slices.Clone(gradients)
		clear(list[from:to])
		return list
	}
	weights := in + out*in
	return lessons.Case{
		Arguments: []any{k.x, k.weights, k.biases},
		Results: []lessons.Result{
			{Verb: "has the outputs", Want: want, Causes: causes},
			{Verb: "has the gradients {got} of inputs, weights and biases", Want: gradients, Causes: []lessons.Cause{
				lessons.Gives(make([]float64, len(gradients)), "the outputs are right, but cut off from the graph; compute with Add and Mul on the Values, and not with their Data"),
				lessons.Gives(without(weights, len(gradients)), "the biases are cut off from the graph; Add the bias itself, and not its Data"),
				lessons.Gives(without(0, in), "the inputs are cut off from the graph; Mul the input itself, and not its Data"),
				lessons.Gives(without(in, weights), "the weights are cut off from the graph; Mul the weight itself, and not its Data"),
				lessons.Otherwise("the outputs are right, and the graph behind them is not; build it with Add and Mul from inputs, weights and biases alone"),
			}},
		},
	}
}

// layerOf is the reference.
func layerOf(inputs []float64, weights [][]float64, biases []float64) (outputs, gradients []float64) {
	outputs = linear(weights, biases, inputs)
	byInputs := make([]float64, len(inputs))
	var byWeights, byBiases []float64
	for _, row := range weights {
		for i, w := range row {
			byInputs[i] += w
		}
		byWeights, byBiases = append(byWeights, inputs...), append(byBiases, 1)
	}
	return outputs, slices.Concat(byInputs, byWeights, byBiases)
}
