package answers

import (
	"fmt"
	"slices"
	"strings"

	"fashionlab/lessons"
)

func visibleBackward() []lessons.Case {
	return each(backwardCaseOf,
		computation{[]float64{0.5, -3}, []lessons.Node{node("*", 0, 1), node("tanh", 2)}},
		computation{[]float64{3, -2}, []lessons.Node{node("+", 0, 1), node("*", 2, 1)}},
		computation{[]float64{0.5, 2}, []lessons.Node{node("*", 0, 1), node("exp", 2), node("*", 2, 3)}},
	)
}

// CheckBackwardFurther checks Backward with squares, with values that the output does not need,
// and with long computations, whose gradients are measured by central differences.
func CheckBackwardFurther(gradients func(inputs []float64, nodes []lessons.Node) []float64) error {
	return firstError(
		check("Backward", gradients, backwardCaseOf,
			computation{[]float64{3}, []lessons.Node{node("*", 0, 0)}},
			computation{[]float64{-1.5}, []lessons.Node{node("+", 0, 0, 0), node("*", 1, 1), node("-", 2, 0)}},
			computation{[]float64{2, 5}, []lessons.Node{node("log", 1), node("*", 0, 0), node("relu", 3)}},
			computation{[]float64{0.5, -0.25}, []lessons.Node{node("tanh", 0), node("+", 2, 0), node("*", 3, 1), node("exp", 4), node("*", 5, 3), node("-", 6, 2)}},
		),
		check("Backward", gradients, measuredCaseOf, randomComputation(3, 4, 12), randomComputation(5, 3, 25)),
	)
}

// A computation has the arguments of a check of Backward.
type computation struct {
	inputs []float64
	nodes  []lessons.Node
}

func node(operation string, inputs ...int) lessons.Node {
	return lessons.Node{Operation: operation, Inputs: inputs}
}

// backwardCaseOf is a call, with the right result and those of typical mistakes.
func backwardCaseOf(k computation) lessons.Case {
	want := gradientsOf(k)
	values, slopes := k.forward()
	last := len(values) - 1
	none := make([]float64, len(values))
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a gradient for each of the %d values, not {length}", len(want)),
		lessons.Gives(none, "all gradients are 0; the gradient of the output with respect to itself is 1, so set it before you start"),
		lessons.Gives(k.backward(1, func(g []float64, node, i, in int) { g[in] = g[node] * slopes[node][i] }),
			"a value that is used more than once has only the last of its gradients; add with += and do not set with ="),
		lessons.Gives(k.walked(), "a gradient was passed on before it was complete: a value that is used twice must get both parts before it passes on; go through Order from its end"),
		lessons.Gives(k.pass(1, k.needed(), func(g []float64, node, i, in int) { g[in] += g[node] * slopes[node][i] }),
			"only the parents of the output have a gradient; go through Order from its end to its beginning, so that the output comes first"),
		lessons.Gives(k.backward(1, func(g []float64, node, i, in int) { g[in] += slopes[node][i] }),
			"these are the local slopes; multiply each by the Gradient of the value it belongs to, as the chain rule says"),
		lessons.Gives(k.backward(1, func(g []float64, node, i, in int) { g[in] += g[node] }),
			"the gradients are passed on without the slopes; multiply by Slopes[i]"),
		lessons.Gives(k.backward(1, func(g []float64, node, i, in int) { g[in] += values[node] * slopes[node][i] }),
			"the slopes are multiplied by Data; multiply them by the Gradient of the value"),
		lessons.Gives(k.backward(1, func(g []float64, node, i, in int) { g[in] += g[node] * values[in] }),
			"the gradients are multiplied by the Data of the parent; multiply by Slopes[i]"),
		lessons.Gives(k.backward(values[last], func(g []float64, node, i, in int) { g[in] += g[node] * slopes[node][i] }),
			"the Gradient of the output is its Data; it is 1"),
		lessons.Gives(k.backward(1, func(g []float64, node, i, in int) { g[in] += g[node] * slopes[node][0] }),
			"all parents have the first slope; take Slopes[i] for Parents[i]"),
	}
	if parents := k.parentsOf(last); len(parents) > 0 {
		oneStep := make([]float64, len(values))
		oneStep[last] = 1
		for i, in := range parents {
			oneStep[in] += slopes[last][i]
		}
		causes = append(causes, lessons.Gives(oneStep, "only the parents of the output have a gradient; go on to the parents of the parents"))
	}
	causes = append(causes, lessons.Otherwise("set the Gradient of the output to 1; then, from the end of Order to its beginning, add the value's Gradient times Slopes[i] to the Gradient of Parents[i]"))
	return lessons.Case{
		Arguments: []any{k.inputs, k.nodes},
		Shown:     k.text(),
		Results:   []lessons.Result{{Verb: "gives the gradients {got} of " + k.names(), Want: want, Causes: causes}},
	}
}

// measuredCaseOf is backwardCaseOf with the gradients of the inputs measured.
func measuredCaseOf(k computation) lessons.Case {
	c := backwardCaseOf(k)
	copy(c.Results[0].Want.([]float64), centralDifferences(func(x []float64) float64 {
		values, _ := computation{x, k.nodes}.forward()
		return values[len(values)-1]
	}, k.inputs, 1e-5))
	c.Results[0].Within = 1e-6
	return c
}

// gradientsOf is the reference.
func gradientsOf(k computation) []float64 {
	_, slopes := k.forward()
	return k.backward(1, func(g []float64, node, i, in int) { g[in] += g[node] * slopes[node][i] })
}

// forward computes all values, and the slopes of those that are computed.
func (k computation) forward() (values []float64, slopes [][]float64) {
	values, slopes = slices.Clone(k.inputs), make([][]float64, len(k.inputs))
	for _, n := range k.nodes {
		x := make([]float64, len(n.Inputs))
		for i, in := range n.Inputs {
			x[i] = values[in]
		}
		result, s := evaluateOf(n.Operation, x)
		values, slopes = append(values, result), append(slopes, s)
	}
	return values, slopes
}

// parentsOf are the positions of a value's parents.
func (k computation) parentsOf(v int) []int {
	if v < len(k.inputs) {
		return nil
	}
	return k.nodes[v-len(k.inputs)].Inputs
}

// needed are the values that the last one depends on, and itself, in order.
func (k computation) needed() []int {
	last := len(k.inputs) + len(k.nodes) - 1
	need := map[int]bool{last: true}
	var list []int
	for v := last; v >= 0; v-- {
		if need[v] {
			list = append(list, v)
			for _, in := range k.parentsOf(v) {
				need[in] = true
			}
		}
	}
	slices.Reverse(list)
	return list
}

// pass goes through values in an order, and calls add for each of their parents.
func (k computation) pass(seed float64, order []int, add func(gradients []float64, node, i, in int)) []float64 {
	gradients := make([]float64, len(k.inputs)+len(k.nodes))
	gradients[len(gradients)-1] = seed
	for _, v := range order {
		for i, in := range k.parentsOf(v) {
			add(gradients, v, i, in)
		}
	}
	return gradients
}

// backward is pass from the output to the inputs.
func (k computation) backward(seed float64, add func(gradients []float64, node, i, in int)) []float64 {
	order := k.needed()
	slices.Reverse(order)
	return k.pass(seed, order, add)
}

// walked is the mistake of walking from the output to the inputs, each time passing on what
// the gradient is by then.
func (k computation) walked() []float64 {
	_, slopes := k.forward()
	gradients := make([]float64, len(slopes))
	gradients[len(gradients)-1] = 1
	var walk func(v int)
	walk = func(v int) {
		for i, in := range k.parentsOf(v) {
			gradients[in] += gradients[v] * slopes[v][i]
			walk(in)
		}
	}
	walk(len(gradients) - 1)
	return gradients
}

// name is the name of a value: a, b, c, …
func name(v int) string { return string(rune('a' + v)) }

// names lists the names of all values.
func (k computation) names() string {
	var all []string
	n := len(k.inputs) + len(k.nodes)
	for v := range n {
		all = append(all, name(v))
	}
	if n > 12 {
		return fmt.Sprintf("%s to %s", all[0], all[n-1])
	}
	return strings.Join(all[:n-1], ", ") + " and " + all[n-1]
}

// text writes the computation as messages show it.
func (k computation) text() string {
	n := len(k.inputs) + len(k.nodes)
	if n > 12 {
		return fmt.Sprintf("the last of %d values", n)
	}
	var parts []string
	for v, x := range k.inputs {
		parts = append(parts, fmt.Sprintf("%s = %v", name(v), x))
	}
	for i, node := range k.nodes {
		var from []string
		for _, in := range node.Inputs {
			from = append(from, name(in))
		}
		expression := node.Operation + " " + from[0]
		if strings.Contains("+-*", node.Operation) {
			expression = strings.Join(from, " "+node.Operation+" ")
		}
		parts = append(parts, name(len(k.inputs)+i)+" = "+expression)
	}
	return name(n-1) + ", where " + strings.Join(parts, ", ")
}

// randomComputation has moderate values, of which some are used more than once.
func randomComputation(seed uint64, inputs, nodes int) computation {
	random := newRandom(seed)
	var k computation
	for range inputs {
		k.inputs = append(k.inputs, random.Float64()*2-1)
	}
	for i := range nodes {
		operation := []string{"+", "-", "*", "tanh"}[random.IntN(4)]
		n := node(operation, inputs+i-1-random.IntN(inputs+min(i, 3)))
		if operation != "tanh" {
			n.Inputs = append(n.Inputs, inputs+i-1-random.IntN(inputs))
		}
		k.nodes = append(k.nodes, n)
	}
	return k
}
