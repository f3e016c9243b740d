package answers

// oneHotOf is a label as a distribution over the classes.
func oneHotOf(label, classes int) []float64 {
	y := make([]float64, classes)
	y[label] = 1
	return y
}
