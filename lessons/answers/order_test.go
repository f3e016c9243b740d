package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckOrder(t *testing.T) {
	type answer = func(parents [][]int, output int) []int
	// walking appends a value before or after its parents, and skips those it has seen.
	walking := func(before, skip bool) answer {
		return func(parents [][]int, output int) []int {
			var list []int
			seen := map[int]bool{}
			var visit func(v int)
			visit = func(v int) {
				if skip && seen[v] {
					return
				}
				seen[v] = true
				if before {
					list = append(list, v)
				}
				for _, p := range parents[v] {
					visit(p)
				}
				if !before {
					list = append(list, v)
				}
			}
			visit(output)
			return list
		}
	}
	right := walking(false, true)
	testCheck(t, right, lessons.CheckOrder, CheckOrderFurther, []wrongCase[answer]{
		{"the stub", func([][]int, int) []int { panic("not implemented") }, "Order is not written yet"},
		{"visited again", walking(false, false), "is in it twice"},
		{"reversed", func(parents [][]int, output int) []int {
			list := right(parents, output)
			slices.Reverse(list)
			return list
		}, "the order is reversed"},
		{"without the output", func(parents [][]int, output int) []int {
			list := right(parents, output)
			return list[:len(list)-1]
		}, "the output is missing"},
		{"the output and its parents", func(parents [][]int, output int) []int {
			return append(slices.Clone(parents[output]), output)
		}, "visit the parents of the parents"},
		{"before its parents", func(parents [][]int, output int) []int {
			list := walking(true, true)(parents, output)
			slices.Reverse(list)
			return list
		}, "append a Value only after all its parents"},
		{"copies", func(parents [][]int, output int) []int {
			list := right(parents, output)
			list[0] = -1
			return list
		}, "no copies"},
	})
}
