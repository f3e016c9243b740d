package lessons

// CheckOneHot checks OneHot(label, classes): a slice of so many zeros, with a
// one at the label's position.
func CheckOneHot(oneHot func(label, classes int) []float64) error {
	return checkTable("OneHot", oneHot)
}
