package answers

import "fashionlab/lessons"

func visibleOneHot() []lessons.Case {
	return each(oneHotCaseOf, [2]int{2, 5})
}

// CheckOneHotFurther checks OneHot for the first and the last class, and for
// all ten of Fashion-MNIST.
func CheckOneHotFurther(oneHot func(label, classes int) []float64) error {
	cases := [][2]int{{0, 3}, {2, 3}, {0, 1}}
	for label := range 10 {
		cases = append(cases, [2]int{label, 10})
	}
	return check("OneHot", oneHot, oneHotCaseOf, cases...)
}

// oneHotCaseOf is a call, with the right result and those of typical mistakes.
func oneHotCaseOf(k [2]int) lessons.Case {
	label, classes := k[0], k[1]
	want := oneHotOf(label, classes)
	value, inverse := make([]float64, classes), make([]float64, classes)
	value[label] = float64(label)
	for i := range inverse {
		inverse[i] = 1 - want[i]
	}
	var causes []lessons.Cause
	for _, beside := range []int{label - 1, label + 1} {
		if beside >= 0 && beside < classes {
			causes = append(causes, lessons.Gives(oneHotOf(beside, classes), "the 1 is beside its place; labels and positions both count from 0"))
		}
	}
	causes = append(causes,
		lessons.If(lessons.WrongLength, "there is a number for each of the %d classes, not {length}", classes),
		lessons.Gives(make([]float64, classes), "the 1 is missing"),
		lessons.Gives(value, "the number at the label's position is 1, and not the label"),
		lessons.Gives(inverse, "zeros and ones are exchanged"),
		lessons.Otherwise("all numbers are 0, and the one at the label's position is 1"),
	)
	return lessons.One(want, causes, label, classes)
}

// oneHotOf is the reference.
func oneHotOf(label, classes int) []float64 {
	y := make([]float64, classes)
	y[label] = 1
	return y
}
