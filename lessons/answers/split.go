package answers

import "fashionlab/lessons"

// CheckSplitFurther checks Split with other sizes, and that its results depend on
// the seed and on nothing else.
func CheckSplitFurther(split func(n, validation int, seed uint64) (train, held []int)) error {
	return firstError(
		lessons.CheckSplitOf(split, 100, 50, 3), lessons.CheckSplitOf(split, 50, 1, 99),
		lessons.CheckSplitOf(split, 30, 0, 5), lessons.CheckSplitOf(split, 6000, 1000, 1<<40))
}
