package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckSplitGroups(t *testing.T) {
	type answer = func(groups, held []int) (train, validation []int)
	groupsAt := func(groups, positions []int) []int {
		out := []int{}
		for _, p := range positions {
			out = append(out, groups[p])
		}
		return out
	}
	testCheck(t, splitGroups, lessons.CheckSplitGroups, CheckSplitGroupsFurther, []wrongCase[answer]{
		{"the stub", func(_, _ []int) ([]int, []int) { panic("not implemented") }, "SplitGroups is not written yet"},
		{"exchanged", func(groups, held []int) ([]int, []int) {
			train, validation := splitGroups(groups, held)
			return validation, train
		}, "the two results are exchanged"},
		{"groups", func(groups, held []int) ([]int, []int) {
			train, validation := splitGroups(groups, held)
			return groupsAt(groups, train), groupsAt(groups, validation)
		}, "these are groups; return the positions"},
		{"the held groups", func(groups, held []int) ([]int, []int) {
			train, _ := splitGroups(groups, held)
			return train, slices.Clone(held)
		}, "these are the groups that are held back"},
		{"by position", func(groups, held []int) (train, validation []int) {
			for i := range groups {
				if slices.Contains(held, i) {
					validation = append(validation, i)
				} else {
					train = append(train, i)
				}
			}
			return train, validation
		}, "groups, not positions"},
		{"one of each group", func(groups, held []int) (train, validation []int) {
			seen := map[int]bool{}
			for i, group := range groups {
				if slices.Contains(held, group) && !seen[group] {
					validation = append(validation, i)
				} else {
					train = append(train, i)
				}
				seen[group] = true
			}
			return train, validation
		}, "only one image of each group"},
		{"the first group only", func(groups, held []int) ([]int, []int) { return splitGroups(groups, held[:min(1, len(held))]) }, "only the first group"},
		{"a leak", func(groups, held []int) ([]int, []int) {
			_, validation := splitGroups(groups, held)
			all := make([]int, len(groups))
			for i := range all {
				all[i] = i
			}
			return all, validation
		}, "so they leak"},
		{"in the order of the groups", func(groups, held []int) (train, validation []int) {
			train, _ = splitGroups(groups, held)
			for _, h := range slices.Backward(held) {
				for i, group := range groups {
					if group == h {
						validation = append(validation, i)
					}
				}
			}
			return train, validation
		}, "in another order"},
	})
}
