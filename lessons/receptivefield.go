package lessons

// CheckReceptiveField checks a function that computes how many pixels an output
// of several layers sees.
func CheckReceptiveField(f func(kernels, strides []int) int) error {
	return checkTable("ReceptiveField", f)
}
