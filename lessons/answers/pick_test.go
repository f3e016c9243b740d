package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestPickChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func([]lessons.Candidate) string
	with := func(slip pickSlip) f { return func(c []lessons.Candidate) string { return pick(c, slip) } }
	testChecks(t, []func(f) error{lessons.CheckPick, CheckPickFurther}, with(picksRight),
		wrongAnswer[f]{"by test", with(picksByTest), "this has the best test result"},
		wrongAnswer[f]{"looks at the test", func(c []lessons.Candidate) string {
			c[0].Test()
			return pick(c, picksRight)
		}, "calls Test, which counts as looking"},
		wrongAnswer[f]{"best mean", with(picksBestMean), "but a smaller model"},
		wrongAnswer[f]{"best seed", with(picksBestSeed), "which is luck"},
		wrongAnswer[f]{"smallest", with(picksSmallest), "the smallest of all"},
		wrongAnswer[f]{"largest", with(picksLargest), "take the fewest"},
		wrongAnswer[f]{"first", with(picksFirst), "the first of the list"},
		wrongAnswer[f]{"another name", func([]lessons.Candidate) string { return "Large" }, "the Name of one of"},
		wrongAnswer[f]{"sorts the candidates", func(c []lessons.Candidate) string {
			slices.SortFunc(c, func(a, b lessons.Candidate) int { return a.Parameters - b.Parameters })
			return pick(c, picksRight)
		}, "sort a copy"},
		wrongAnswer[f]{"stub", func([]lessons.Candidate) string { panic(stubPanic) }, "not written yet"},
	)
}
