package lessons

// CheckConvolve checks a convolution without padding, one pixel at a time.
func CheckConvolve(f func(image, kernel [][]float64, padding, stride int) [][]float64) error {
	return checkTable("Convolve", f)
}

// CheckConvolvePaddingAndStride checks a convolution with padding, with a
// stride, and with both.
func CheckConvolvePaddingAndStride(f func(image, kernel [][]float64, padding, stride int) [][]float64) error {
	return checkTable("ConvolvePaddingAndStride", f)
}
