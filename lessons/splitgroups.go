package lessons

// CheckSplitGroups checks SplitGroups(groups, held): the positions whose group is held back go to the second
// result, all others to the first.
func CheckSplitGroups(splitGroups func(groups, held []int) (train, validation []int)) error {
	return checkTable("SplitGroups", splitGroups)
}
