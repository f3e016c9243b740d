package answers

import "fashionlab/lessons"

// CheckOrderFurther checks Order with values that are used often, with values that the output
// does not need, and with a graph that has more ways to its input than can be walked.
func CheckOrderFurther(order func(parents [][]int, output int) []int) error {
	doubling := [][]int{nil}
	for i := range 50 {
		doubling = append(doubling, []int{i, i})
	}
	return firstError(
		lessons.CheckOrderOf(order, [][]int{nil}, 0),
		lessons.CheckOrderOf(order, [][]int{nil, {0}, {1}, {0, 2}, {3, 0}, {4, 1}}, 5),
		lessons.CheckOrderOf(order, [][]int{nil, nil, {0}, {2, 0}, {1, 3}}, 3),
		lessons.CheckOrderOf(order, [][]int{nil, nil, {0, 1}, {0, 1}, {2, 3, 0}, {2, 4}, {5, 5}}, 6),
		lessons.CheckOrderOf(order, doubling, 50),
	)
}
