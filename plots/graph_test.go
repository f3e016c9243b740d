package plots

import (
	"math"
	"slices"
	"testing"
)

// neuron is tanh(w₁·x₁ + w₂·x₂ + b), in which x₂ is used once more.
func neuron() []GraphNode {
	return []GraphNode{
		{Label: "x₁", Value: 0.5, Gradient: 1.2},
		{Label: "w₁", Value: 2, Gradient: 0.3},
		{Label: "x₂", Value: -1.5, Gradient: -0.004},
		{Label: "w₂", Value: 1, Gradient: -0.9},
		{Label: "b", Value: 0.25, Gradient: 0.6},
		{Label: "·", Value: 1, Gradient: 0.6, Inputs: []int{0, 1}},
		{Label: "·", Value: -1.5, Gradient: 0.6, Inputs: []int{2, 3}},
		{Label: "+", Value: -0.25, Gradient: 0.6, Inputs: []int{5, 6, 4}},
		{Label: "tanh", Value: -0.245, Gradient: 0.64, Inputs: []int{7}},
		{Label: "loss", Value: 12345, Gradient: 1, Inputs: []int{8, 2}},
	}
}

func TestGraphLooksAsBefore(t *testing.T) {
	figure, err := Graph("A neuron and a loss", neuron()...)
	checkGolden(t, "graph", figure, err)
}

func TestGraphOfOneNodeLooksAsBefore(t *testing.T) {
	figure, err := Graph("", GraphNode{Label: "x", Value: 3})
	checkGolden(t, "graph_single", figure, err)
}

func TestGraphRejectsInvalidArguments(t *testing.T) {
	for what, nodes := range map[string][]GraphNode{
		"NaN":            {{Value: math.NaN()}},
		"infinite":       {{Gradient: math.Inf(1)}},
		"its own input":  {{Inputs: []int{0}}},
		"no such input":  {{Inputs: []int{-1}}},
		"too many nodes": make([]GraphNode, maxGraphNodes+1),
	} {
		figure, err := Graph("t", nodes...)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Graph("t")
	wantError(t, "no nodes", figure, err, errNoValues)
}

func TestWiresLeadFromInputsToTheNodesRightOfThemPastOtherNodes(t *testing.T) {
	var inputs [][]int
	for _, n := range neuron() {
		inputs = append(inputs, n.Inputs)
	}
	columns, rows, wires := layered(inputs)
	if want := []int{0, 0, 0, 0, 1, 1, 1, 2, 3, 4}; !slices.Equal(columns, want) {
		t.Errorf("the columns are %v, want %v", columns, want)
	}
	if len(wires) != 10 {
		t.Errorf("there are %d wires, want 10", len(wires))
	}
	for _, w := range wires {
		for i, row := range w.rows[1 : len(w.rows)-1] {
			for n := range inputs {
				if columns[n] == w.column+1+i && math.Abs(rows[n]-row) < 1-1e-9 {
					t.Errorf("the wire %v crosses the box of node %d in row %g", w, n, rows[n])
				}
			}
		}
	}
	for a := range inputs {
		for b := range a {
			if columns[a] == columns[b] && math.Abs(rows[a]-rows[b]) < 1-1e-9 {
				t.Errorf("the nodes %d and %d overlap in column %d: rows %g and %g", b, a, columns[a], rows[b], rows[a])
			}
		}
	}
}

func TestNodeNumbersHaveThreeDigits(t *testing.T) {
	for want, v := range map[string]float64{"0": 1e-9, "1": 1, "−0.25": -0.25, "0.333": 1.0 / 3, "1.23": 1.2345, "12.3": 12.345, "123": 123.45, "100": 100, "0.012": 0.0123, "1.23e+04": 12345, "−1": -1} {
		if got := nodeNumber(v); got != want {
			t.Errorf("%v is written as %q, want %q", v, got, want)
		}
	}
}
