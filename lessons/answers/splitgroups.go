package answers

import (
	"slices"

	"fashionlab/lessons"
)

func visibleSplitGroups() []lessons.Case {
	return each(splitGroupsCaseOf,
		groupsCase{[]int{7, 3, 7, 5, 3, 9, 7}, []int{3, 5}},
		groupsCase{[]int{2, 2, 6, 6, 4}, []int{6}},
	)
}

// CheckSplitGroupsFurther checks SplitGroups with no group and with all groups held back, with groups that do not
// occur, and with groups of one.
func CheckSplitGroupsFurther(splitGroups func(groups, held []int) (train, validation []int)) error {
	return check("SplitGroups", splitGroups, splitGroupsCaseOf,
		groupsCase{[]int{4, 8, 4}, []int{}},
		groupsCase{[]int{4, 8, 4}, []int{8, 4}},
		groupsCase{[]int{12, 15, 11, 12}, []int{15, 99}},
		groupsCase{[]int{5, 4, 3, 2, 1, 0}, []int{0, 1}},
		groupsCase{[]int{100, 200, 100, 300, 200, 100, 300}, []int{300, 100}},
	)
}

type groupsCase struct{ groups, held []int }

// splitGroupsCaseOf is a call, with the right results and those of typical mistakes.
func splitGroupsCaseOf(k groupsCase) lessons.Case {
	train, validation := splitGroups(k.groups, k.held)
	groupsAt := func(positions []int) []int {
		groups := []int{}
		for _, p := range positions {
			groups = append(groups, k.groups[p])
		}
		return groups
	}
	positions, seen := make([]int, len(k.groups)), map[int]bool{}
	onceTrain, once := []int{}, []int{}
	for p, group := range k.groups {
		positions[p] = p
		if slices.Contains(k.held, group) && !seen[group] {
			once = append(once, p)
		} else {
			onceTrain = append(onceTrain, p)
		}
		seen[group] = true
	}
	byPositionTrain, byPosition := splitGroups(positions, k.held)
	firstTrain, first := splitGroups(k.groups, k.held[:min(1, len(k.held))])
	// A mistake shows in either result, so both have the same causes.
	causes := func(which int, otherwise string) []lessons.Cause {
		return []lessons.Cause{
			lessons.Gives([][]int{validation, train}[which], "the two results are exchanged: training comes first, validation second"),
			lessons.Gives([][]int{positions, k.held}[which], "%s", []string{
				"the images that are held back are here, too, so they leak; leave them out",
				"these are the groups that are held back; return the positions of their images"}[which]),
			lessons.Gives(groupsAt([][]int{train, validation}[which]), "these are groups; return the positions of their images"),
			lessons.Gives([][]int{byPositionTrain, byPosition}[which], "`held` has groups, not positions: look for `groups[i]` in it, not for `i`"),
			lessons.Gives([][]int{onceTrain, once}[which], "only one image of each group was held back; all of them go to the same side"),
			lessons.Gives([][]int{firstTrain, first}[which], "only the first group of `held` was looked for; look for all of them"),
			lessons.If(lessons.Reordered, "the positions are right and in another order; go through the images once, from the first to the last"),
			lessons.Otherwise("%s", otherwise),
		}
	}
	return lessons.Case{
		Arguments: []any{k.groups, k.held},
		Results: []lessons.Result{
			{Verb: "has the training positions", Want: train, Causes: causes(0, "a position belongs here if its group is none of `held`")},
			{Verb: "has the validation positions", Want: validation, Causes: causes(1, "a position belongs here if its group is one of `held`")},
		},
	}
}

// splitGroups is the reference.
func splitGroups(groups, held []int) (train, validation []int) {
	train, validation = []int{}, []int{}
	for i, group := range groups {
		if slices.Contains(held, group) {
			validation = append(validation, i)
		} else {
			train = append(train, i)
		}
	}
	return train, validation
}
