package lessons

// CheckConvolutionWeights checks a function that counts the weights and biases of
// a convolution.
func CheckConvolutionWeights(f func(in, out, kernel int) int) error {
	return checkTable("ConvolutionWeights", f)
}
