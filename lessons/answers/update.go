package answers

import "fashionlab/lessons"

func visibleUpdate() []lessons.Case {
	return each(updateCaseOf, updateCase{[]float64{1, -2, 0.5}, []float64{4, -1, 0.25}, 0.1})
}

// CheckUpdateFurther checks Update with gradients of 0, with one parameter and with many.
func CheckUpdateFurther(update func(data, gradients []float64, rate float64) ([]float64, []float64)) error {
	random := newRandom(71)
	many, slopes := make([]float64, 40), make([]float64, 40)
	for i := range many {
		many[i], slopes[i] = random.NormFloat64(), random.NormFloat64()
	}
	return check("Update", update, updateCaseOf,
		updateCase{[]float64{3}, []float64{-2}, 1},
		updateCase{[]float64{1, 2}, []float64{0, 5}, 0.5},
		updateCase{many, slopes, 0.03},
	)
}

type updateCase struct {
	data, gradients []float64
	rate            float64
}

// updateCaseOf is a call, with the right result and those of typical mistakes.
func updateCaseOf(k updateCase) lessons.Case {
	n := len(k.data)
	moved := func(data func(i int) float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = data(i)
		}
		return out
	}
	minus := func(by float64) []float64 {
		return moved(func(i int) float64 { return k.data[i] - by*k.gradients[i] })
	}
	first := moved(func(i int) float64 {
		if i == 0 {
			return minus(k.rate)[0]
		}
		return k.data[i]
	})
	return lessons.Case{
		Arguments: []any{k.data, k.gradients, k.rate},
		Shown:     "parameters with the data " + lessons.Show(k.data) + " and the gradients " + lessons.Show(k.gradients) + ", rate " + lessons.Show(k.rate),
		Results: []lessons.Result{
			{Verb: "makes the data", Want: minus(k.rate), Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "there are %d parameters, not {length}", n),
				lessons.Gives(k.data, "nothing has moved; were the gradients cleared before they were used? In a loop over values, parameters are pointers, so p.Data changes the parameter itself"),
				lessons.Gives(minus(-k.rate), "this goes uphill; a step goes against the gradient"),
				lessons.Gives(minus(1), "the rate is missing; multiply the gradient by it"),
				lessons.Gives(minus(-1), "the rate is missing, and this goes uphill; subtract rate times Gradient"),
				lessons.Gives(moved(func(i int) float64 { return -k.rate * k.gradients[i] }), "this is the step alone; add it to what Data was, with -="),
				lessons.Gives(moved(func(i int) float64 { return k.data[i] - k.rate }), "the gradient is missing; multiply the rate by it"),
				lessons.Gives(first, "only the first parameter has moved; go through all of them"),
				lessons.Otherwise("for each parameter, subtract rate times Gradient from Data, and then set Gradient to 0"),
			}},
			{Verb: "leaves the gradients", Want: make([]float64, n), Causes: []lessons.Cause{
				lessons.Gives(k.gradients, "the gradients are not cleared; the next Backward adds to them, so set each to 0 after the step"),
				lessons.Gives(moved(func(i int) float64 { return k.gradients[i] - k.rate*k.gradients[i] }), "the gradients were moved like the data; set each to 0"),
				lessons.Otherwise("the next Backward adds to the gradients, so each must be 0 after the step"),
			}},
		},
	}
}

// updateOf is the reference.
func updateOf(data, gradients []float64, rate float64) (newData, newGradients []float64) {
	newData = make([]float64, len(data))
	for i := range data {
		newData[i] = data[i] - rate*gradients[i]
	}
	return newData, make([]float64, len(data))
}
