package lessons

// CheckMaxPoolBackward checks MaxPoolBackward(image, dOutput, size): the derivatives of the loss with
// respect to the pixels that max pooling took.
func CheckMaxPoolBackward(backward func(image, dOutput [][]float64, size int) [][]float64) error {
	return checkTable("MaxPoolBackward", backward)
}
