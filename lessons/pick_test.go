package lessons

import (
	"slices"
	"testing"
)

func TestPickChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func([]Candidate) string
	with := func(slip pickSlip) f { return func(c []Candidate) string { return pick(c, slip) } }
	testChecks(t, []func(f) error{CheckPick, CheckPickFurther}, with(picksRight),
		wrongAnswer[f]{"by test", with(picksByTest), "that the test images favour"},
		wrongAnswer[f]{"looks at the test", func(c []Candidate) string {
			c[0].Test()
			return pick(c, picksRight)
		}, "Pick calls Test"},
		wrongAnswer[f]{"best mean", with(picksBestMean), "but a smaller model"},
		wrongAnswer[f]{"best seed", with(picksBestSeed), "which is luck"},
		wrongAnswer[f]{"smallest", with(picksSmallest), "the smallest of all"},
		wrongAnswer[f]{"largest", with(picksLargest), "take the fewest"},
		wrongAnswer[f]{"first", with(picksFirst), "the first of the list"},
		wrongAnswer[f]{"another name", func([]Candidate) string { return "Large" }, "the Name of one of"},
		wrongAnswer[f]{"sorts the candidates", func(c []Candidate) string {
			slices.SortFunc(c, func(a, b Candidate) int { return a.Parameters - b.Parameters })
			return pick(c, picksRight)
		}, "sort a copy"},
		wrongAnswer[f]{"stub", func([]Candidate) string { panic(stubPanic) }, "not written yet"},
	)
}
