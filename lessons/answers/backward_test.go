package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckBackward(t *testing.T) {
	type answer = func(inputs []float64, nodes []lessons.Node) []float64
	// adding goes from the output to the inputs with a wrong body.
	adding := func(seed float64, add func(values []float64, slopes [][]float64, g []float64, node, i, in int)) answer {
		return func(inputs []float64, nodes []lessons.Node) []float64 {
			k := computation{inputs, nodes}
			values, slopes := k.forward()
			return k.backward(seed, func(g []float64, node, i, in int) { add(values, slopes, g, node, i, in) })
		}
	}
	chain := func(_ []float64, slopes [][]float64, g []float64, node, i, in int) {
		g[in] += g[node] * slopes[node][i]
	}
	right := adding(1, chain)
	testCheck(t, right, lessons.CheckBackward, CheckBackwardFurther, []wrongCase[answer]{
		{"the stub", func([]float64, []lessons.Node) []float64 { panic("not implemented") }, "Backward is not written yet"},
		{"no 1", adding(0, chain), "all gradients are 0"},
		{"set", adding(1, func(_ []float64, slopes [][]float64, g []float64, node, i, in int) { g[in] = g[node] * slopes[node][i] }),
			"do not set with ="},
		{"walked", func(inputs []float64, nodes []lessons.Node) []float64 { return computation{inputs, nodes}.walked() }, "before it was complete"},
		{"from the beginning", func(inputs []float64, nodes []lessons.Node) []float64 {
			k := computation{inputs, nodes}
			_, slopes := k.forward()
			return k.pass(1, k.needed(), func(g []float64, node, i, in int) { chain(nil, slopes, g, node, i, in) })
		}, "go through Order from its end to its beginning, so that"},
		{"slopes only", adding(1, func(_ []float64, slopes [][]float64, g []float64, node, i, in int) { g[in] += slopes[node][i] }), "these are the local slopes"},
		{"gradients only", adding(1, func(_ []float64, _ [][]float64, g []float64, node, i, in int) { g[in] += g[node] }), "without the slopes"},
		{"times data", adding(1, func(values []float64, slopes [][]float64, g []float64, node, i, in int) {
			g[in] += values[node] * slopes[node][i]
		}), "the slopes are multiplied by Data"},
		{"times the parent's data", adding(1, func(values []float64, _ [][]float64, g []float64, node, i, in int) { g[in] += g[node] * values[in] }),
			"by the Data of the parent"},
		{"from the output's data", func(inputs []float64, nodes []lessons.Node) []float64 {
			values, _ := computation{inputs, nodes}.forward()
			return adding(values[len(values)-1], chain)(inputs, nodes)
		}, "the Gradient of the output is its Data"},
		{"the first slope", adding(1, func(_ []float64, slopes [][]float64, g []float64, node, i, in int) {
			g[in] += g[node] * slopes[node][0]
		}),
			"all parents have the first slope"},
		{"another formula", adding(1, func(_ []float64, slopes [][]float64, g []float64, node, i, in int) {
			g[in] -= g[node] * slopes[node][i]
		}),
			"set the Gradient of the output to 1; then"},
	})
}

func TestTheGradientsOfAComputationAreThoseOfCentralDifferences(t *testing.T) {
	for seed := range uint64(20) {
		k := randomComputation(seed, 3, 15)
		got := gradientsOf(k)[:len(k.inputs)]
		want := measuredCaseOf(k).Results[0].Want.([]float64)[:len(k.inputs)]
		if !nearAll(got, want, 1e-7) {
			t.Errorf("random computation %d: the gradients are %v, and central differences %v", seed, got, want)
		}
	}
}

func TestTheRandomComputationsOfTheHiddenCheckUseValuesTwiceAndHaveGradients(t *testing.T) {
	for _, k := range []computation{randomComputation(3, 4, 12), randomComputation(5, 3, 25)} {
		uses := make([]int, len(k.inputs)+len(k.nodes))
		for _, n := range k.nodes {
			for _, in := range n.Inputs {
				uses[in]++
			}
		}
		if gradients := gradientsOf(k)[:len(k.inputs)]; slices.Max(uses) < 2 || slices.Min(gradients) == 0 && slices.Max(gradients) == 0 {
			t.Errorf("uses %v, gradients %v", uses, gradients)
		}
	}
}
