package lessons

// CheckConvolutionCost checks a function that counts what a convolution learns
// and what it multiplies.
func CheckConvolutionCost(f func(in, out, kernel, height, width int) (weights, multiplications int)) error {
	return checkTable("ConvolutionCost", f)
}
