package lessons

// CheckOutputSize checks a function that computes how large the output of a
// convolution is.
func CheckOutputSize(f func(size, kernel, padding, stride int) int) error {
	return checkTable("OutputSize", f)
}
