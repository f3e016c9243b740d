package lessons

import "slices"

// CheckOrder checks Order by a function that makes a graph, in which value i was computed from
// the values parents[i], calls Order for the value output, and returns the positions of the
// values in the result, -1 for one that is not in the graph.
func CheckOrder(order func(parents [][]int, output int) []int) error {
	return passed.note(firstError(
		CheckOrderOf(order, [][]int{nil, {0}, {1}, {2}}, 3),
		CheckOrderOf(order, [][]int{nil, nil, {0, 1}, {2, 1}}, 3),
		CheckOrderOf(order, [][]int{nil, {0}, {0}, {1, 2}, {3}}, 4),
	), "Order: 3 graphs right")
}

// CheckOrderOf checks Order with one graph. Many orders are right, so that this check holds no
// answer: it looks at properties.
func CheckOrderOf(order func(parents [][]int, output int) []int, parents [][]int, output int) error {
	// The output itself is the last value it depends on.
	needed := []int{output}
	for i := 0; i < len(needed); i++ {
		for _, p := range parents[needed[i]] {
			if !slices.Contains(needed, p) {
				needed = append(needed, p)
			}
		}
	}
	call := callOf("Order", parents, output).showing("value %d, where the parents of the values are %s", output, show(parents))
	var got []int
	if err := call.run(func() { got = order(parents, output) }); err != nil {
		return err
	}
	if len(got) > 12 {
		call = call.showing("value %d of a graph of %d values", output, len(parents))
	}
	failf := func(format string, values ...any) error {
		return call.failf("is "+show(got)+": "+format, values...)
	}
	at := map[int]int{}
	for i, v := range got {
		if v < 0 || v >= len(parents) {
			return failf("at position %d is a Value that is not in the graph; list the pointers that are in Parents, and no copies", i)
		}
		if _, twice := at[v]; twice {
			return failf("value %d is in it twice; keep a map of the Values that were visited, and skip these", v)
		}
		at[v] = i
	}
	if _, ok := at[output]; !ok {
		return failf("the output is missing; after its parents, append the output itself")
	}
	for _, v := range needed {
		if _, ok := at[v]; !ok {
			return failf("value %d is missing; visit the parents of the parents, too, down to Values without parents", v)
		}
	}
	reversed := true
	for v, i := range at {
		for _, p := range parents[v] {
			reversed = reversed && at[p] > i
		}
	}
	if len(needed) > 1 && reversed {
		return failf("the order is reversed; each Value must be after its parents, and the output is last")
	}
	for i, v := range got {
		for _, p := range parents[v] {
			if at[p] > i {
				return failf("value %d is before its parent, value %d; append a Value only after all its parents", v, p)
			}
		}
	}
	return nil
}
