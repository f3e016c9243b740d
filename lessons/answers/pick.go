package answers

import (
	"fmt"
	"strings"

	"fashionlab/lessons"
)

// pickSlip is a typical mistake in choosing a model.
type pickSlip int

const (
	picksRight pickSlip = iota
	picksBestMean
	picksBestSeed
	picksSmallest
	picksLargest
	picksByTest
	picksFirst
)

// pick returns the model with the fewest parameters among those that cannot be
// told apart from the one with the best mean, or chooses with a slip.
func pick(candidates []lessons.Candidate, slip pickSlip) string {
	score := func(c lessons.Candidate) float64 {
		mean, _, high := meanAndRange(c.Validation)
		switch slip {
		case picksBestSeed:
			return high
		case picksSmallest:
			return -float64(c.Parameters)
		case picksByTest:
			return c.Test()
		case picksFirst:
			return 0
		default:
			return mean
		}
	}
	best := candidates[0]
	for _, c := range candidates[1:] {
		if score(c) > score(best) {
			best = c
		}
	}
	if slip != picksRight && slip != picksLargest && slip != picksBestSeed {
		return best.Name
	}
	choice := best
	for _, c := range candidates {
		better := c.Parameters < choice.Parameters
		if slip == picksLargest {
			better = c.Parameters > choice.Parameters
		}
		if !distinguishable(c.Validation, best.Validation) && better {
			choice = c
		}
	}
	return choice.Name
}

var pickCauses = []struct {
	slip  pickSlip
	cause string
}{
	{picksByTest, "this has the best test result; test images that were used to choose are no test any more"},
	{picksBestMean, "this has the best mean, but a smaller model cannot be told apart from it"},
	{picksBestSeed, "this begins with the model that has the best single seed, which is luck; compare means"},
	{picksSmallest, "this is the smallest of all, but its results lie clearly below the best"},
	{picksLargest, "this has the most parameters of those that cannot be told apart; take the fewest"},
	{picksFirst, "this is the first of the list; look at all of them"},
}

// pickCandidates makes candidates with the given accuracies on the test images.
func pickCandidates(tests [6]float64) []lessons.Measured {
	return []lessons.Measured{
		{Name: "first", Parameters: 20000, Validation: []float64{0.80, 0.81, 0.80}, Test: tests[0]},
		{Name: "tiny", Parameters: 5000, Validation: []float64{0.70, 0.72, 0.71}, Test: tests[1]},
		{Name: "small", Parameters: 30000, Validation: []float64{0.85, 0.86, 0.87}, Test: tests[2]},
		{Name: "lucky", Parameters: 120000, Validation: []float64{0.91, 0.80, 0.81}, Test: tests[3]},
		{Name: "large", Parameters: 90000, Validation: []float64{0.86, 0.88, 0.87}, Test: tests[4]},
		{Name: "huge", Parameters: 600000, Validation: []float64{0.85, 0.87, 0.875}, Test: tests[5]},
	}
}

func visiblePick() []lessons.Case {
	list := pickCandidates([6]float64{0.95, 0.6, 0.7, 0.7, 0.7, 0.7})
	return []lessons.Case{
		// Clear: one is better than all others, and large.
		pickCaseOf(list[0], list[1], list[4]),
		// Three that cannot be told apart.
		pickCaseOf(list[1], list[0], list[5], list[4], list[2]),
	}
}

// CheckPickFurther checks longer lists, other orders, a model with a single
// lucky seed, and that the test images are not looked at.
func CheckPickFurther(f func(candidates []lessons.Candidate) string) error {
	all := pickCandidates([6]float64{0.1, 0.2, 0.3, 0.9, 0.5, 0.6})
	return checkCases("Pick", lessons.PickAsData(f),
		pickCaseOf(all[4], all[3], all[0]),
		pickCaseOf(all[0], all[1], all[2], all[4], all[5]),
		pickCaseOf(all[5], all[4], all[2]),
		pickCaseOf(all[1]))
}

// pickCaseOf is a call, with the right choice and those of typical mistakes.
func pickCaseOf(measured ...lessons.Measured) lessons.Case {
	var texts []string
	var candidates []lessons.Candidate
	for _, m := range measured {
		texts = append(texts, fmt.Sprintf("%s with %d parameters and %s", m.Name, m.Parameters, lessons.Show(m.Validation)))
		candidates = append(candidates, lessons.Candidate{Name: m.Name, Parameters: m.Parameters, Validation: m.Validation, Test: func() float64 { return m.Test }})
	}
	causes := []lessons.Cause{
		lessons.Gives(lessons.Choice{Changed: true}, "changes its argument: the candidates or their results are in another order afterwards; sort a copy").Alone(),
	}
	for _, known := range pickCauses {
		choice := lessons.Choice{Name: pick(candidates, known.slip), Tested: known.slip == picksByTest}
		causes = append(causes, lessons.Gives(choice, "%s", known.cause))
	}
	for _, m := range measured {
		causes = append(causes,
			lessons.Gives(lessons.Choice{Name: m.Name, Tested: true}, "calls Test, which counts as looking at the test images, even if the result is not used; choose by Validation alone").Alone(),
			lessons.Gives(lessons.Choice{Name: m.Name}, "find the one with the best mean, and take the one with the fewest parameters of all that cannot be told apart from it"))
	}
	causes = append(causes, lessons.Otherwise("return the Name of one of the candidates"))
	c := lessons.One(lessons.Choice{Name: pick(candidates, picksRight)}, causes, measured)
	c.Shown = strings.Join(texts, "; ")
	return c
}
