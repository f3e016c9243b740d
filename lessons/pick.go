package lessons

import (
	"slices"
	"strconv"
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

// Measured is a candidate as a table has it, with the result of Test.
type Measured struct {
	Name       string
	Parameters int
	Validation []float64
	Test       float64
}

// A Choice is the result of choosing: a name, and what else happened.
type Choice struct {
	Name            string
	Tested, Changed bool // Test was called; the candidates were changed
}

// String writes the name.
func (c Choice) String() string { return strconv.Quote(c.Name) }

// CheckPick checks a function that chooses a model from validation results.
func CheckPick(f func(candidates []Candidate) string) error {
	return checkTable("Pick", PickAsData(f))
}

// PickAsData returns the function with arguments and results that a table can hold.
func PickAsData(f func(candidates []Candidate) string) func(measured []Measured) Choice {
	return func(measured []Measured) Choice {
		var choice Choice
		candidates := make([]Candidate, len(measured))
		for i, m := range measured {
			test := func() float64 {
				choice.Tested = true
				return m.Test
			}
			candidates[i] = Candidate{m.Name, m.Parameters, slices.Clone(m.Validation), test}
		}
		choice.Name = f(candidates)
		for i, m := range measured {
			if candidates[i].Name != m.Name || !slices.Equal(candidates[i].Validation, m.Validation) {
				return Choice{Changed: true}
			}
		}
		return choice
	}
}
