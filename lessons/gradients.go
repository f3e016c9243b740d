package lessons

// CheckGradients checks Gradients(weights, biases, images, labels): the
// derivatives of a softmax regression's mean loss by its weights and biases.
func CheckGradients(gradients func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64)) error {
	return checkTable("Gradients", gradients)
}
