package lessons

// CheckOneHot checks OneHot(label, classes): a slice of so many zeros, with a
// one at the label's position.
func CheckOneHot(oneHot func(label, classes int) []float64) error {
	return checkOneHot(oneHot, [2]int{2, 5})
}

// CheckOneHotFurther checks OneHot for the first and the last class, and for
// all ten of Fashion-MNIST.
func CheckOneHotFurther(oneHot func(label, classes int) []float64) error {
	cases := [][2]int{{0, 3}, {2, 3}, {0, 1}}
	for label := range 10 {
		cases = append(cases, [2]int{label, 10})
	}
	return checkOneHot(oneHot, cases...)
}

func checkOneHot(oneHot func(label, classes int) []float64, cases ...[2]int) error {
	for _, k := range cases {
		label, classes := k[0], k[1]
		call := callOf("OneHot", label, classes)
		var got []float64
		if err := call.run(func() { got = oneHot(label, classes) }); err != nil {
			return err
		}
		want := oneHotOf(label, classes)
		if alikeAll(got, want) {
			continue
		}
		if len(got) != classes {
			return call.wrong(got, want, "there is a number for each of the %d classes, not %d", classes, len(got))
		}
		value, inverse := make([]float64, classes), make([]float64, classes)
		value[label] = float64(label)
		for i := range inverse {
			inverse[i] = 1 - want[i]
		}
		cause := likelyCause(got, alikeAll, "all numbers are 0, and the one at the label's position is 1",
			mistake[[]float64]{make([]float64, classes), "the 1 is missing"},
			mistake[[]float64]{value, "the number at the label's position is 1, and not the label"},
			mistake[[]float64]{inverse, "zeros and ones are exchanged"},
		)
		if label > 0 && alikeAll(got, oneHotOf(label-1, classes)) || label < classes-1 && alikeAll(got, oneHotOf(label+1, classes)) {
			cause = "the 1 is beside its place; labels and positions both count from 0"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// oneHotOf is the reference.
func oneHotOf(label, classes int) []float64 {
	y := make([]float64, classes)
	y[label] = 1
	return y
}
