package lessons

import (
	"fmt"
	"slices"
)

// A Candidate is a model to choose, with what is known about it.
type Candidate struct {
	Name       string
	Parameters int
	// Validation has the accuracy on the validation images for each seed.
	Validation []float64
	// Test evaluates the model on the test images. Calling it counts as looking at them.
	Test func() float64
}

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
func pick(candidates []Candidate, slip pickSlip) string {
	score := func(c Candidate) float64 {
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
	{picksByTest, "this is the one that the test images favour; a test that was used to choose is no test any more"},
	{picksBestMean, "this has the best mean, but a smaller model cannot be told apart from it"},
	{picksBestSeed, "this begins with the model that has the best single seed, which is luck; compare means"},
	{picksSmallest, "this is the smallest of all, but its results lie clearly below the best"},
	{picksLargest, "of those that cannot be told apart, this has the most parameters; take the fewest"},
	{picksFirst, "this is the first of the list; look at all of them"},
}

// pickCandidates makes fresh candidates, whose Test counts how often it is called.
func pickCandidates(looks *int, tests [6]float64) []Candidate {
	test := func(i int) func() float64 {
		return func() float64 { *looks++; return tests[i] }
	}
	return []Candidate{
		{"first", 20000, []float64{0.80, 0.81, 0.80}, test(0)},
		{"tiny", 5000, []float64{0.70, 0.72, 0.71}, test(1)},
		{"small", 30000, []float64{0.85, 0.86, 0.87}, test(2)},
		{"lucky", 120000, []float64{0.91, 0.80, 0.81}, test(3)},
		{"large", 90000, []float64{0.86, 0.88, 0.87}, test(4)},
		{"huge", 600000, []float64{0.85, 0.87, 0.875}, test(5)},
	}
}

// CheckPick checks a function that chooses a model from validation results.
func CheckPick(f func(candidates []Candidate) string) error {
	var looks int
	list := pickCandidates(&looks, [6]float64{0.95, 0.6, 0.7, 0.7, 0.7, 0.7})
	return firstError(
		// Clear: one is better than all others, and large.
		checkPick(f, []Candidate{list[0], list[1], list[4]}, &looks),
		// Three that cannot be told apart.
		checkPick(f, []Candidate{list[1], list[0], list[5], list[4], list[2]}, &looks))
}

// CheckPickFurther checks longer lists, other orders, a model with a single
// lucky seed, and that the test images are not looked at.
func CheckPickFurther(f func(candidates []Candidate) string) error {
	var looks int
	all := pickCandidates(&looks, [6]float64{0.1, 0.2, 0.3, 0.9, 0.5, 0.6})
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	return firstError(
		checkPick(f, []Candidate{all[4], all[3], all[0]}, &looks),
		checkPick(f, []Candidate{all[0], all[1], all[2], all[4], all[5]}, &looks),
		checkPick(f, []Candidate{backwards[0], backwards[1], backwards[3]}, &looks),
		checkPick(f, all[1:2], &looks))
}

func checkPick(f func(candidates []Candidate) string, candidates []Candidate, looks *int) error {
	want := pick(candidates, picksRight)
	*looks = 0
	// What messages show of the candidates.
	var list []string
	for _, c := range candidates {
		list = append(list, fmt.Sprintf("%s with %d parameters and %s", c.Name, c.Parameters, show(c.Validation)))
	}
	given := slices.Clone(candidates)
	for i := range given {
		given[i].Validation = slices.Clone(given[i].Validation)
	}
	var got string
	if err := callOf("Pick").run(func() { got = f(given) }); err != nil {
		return err
	}
	looked := *looks
	for i, c := range candidates {
		if i >= len(given) || given[i].Name != c.Name || !slices.Equal(given[i].Validation, c.Validation) {
			return fmt.Errorf("Pick changes its argument: the candidates or their results are in another order afterwards; sort a copy")
		}
	}
	if looked > 0 && got != pick(candidates, picksByTest) {
		return fmt.Errorf("Pick calls Test: it has looked at the test images, even if it makes no use of them; choose by Validation alone")
	}
	if got == want && looked == 0 {
		return nil
	}
	cause := causeOfPick(got, want, candidates, looked > 0)
	return fmt.Errorf("Pick is %q, want %q, of %q: %s", got, want, list, cause)
}

// causeOfPick explains a choice.
func causeOfPick(got, want string, candidates []Candidate, looked bool) string {
	for _, known := range pickCauses {
		if known.slip == picksByTest && !looked {
			continue
		}
		if got == pick(candidates, known.slip) && (got != want || known.slip == picksByTest) {
			return known.cause
		}
	}
	if !slices.ContainsFunc(candidates, func(c Candidate) bool { return c.Name == got }) {
		return "return the Name of one of the candidates"
	}
	return "find the one with the best mean, and of all that cannot be told apart from it take the one with the fewest parameters"
}
