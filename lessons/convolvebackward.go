package lessons

// CheckConvolveBackward checks ConvolveBackward(image, kernel, dOutput): the derivatives of the
// loss with respect to the image and the kernel of a convolution without padding, with stride 1.
func CheckConvolveBackward(backward func(image, kernel, dOutput [][]float64) (dImage, dKernel [][]float64)) error {
	return checkTable("ConvolveBackward", backward)
}
