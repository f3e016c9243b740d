package lessons

// CheckStep checks Step(weights, biases, byWeights, byBiases, learningRate): new
// weights and biases, moved against their gradients.
func CheckStep(step func(weights [][]float64, biases []float64, byWeights [][]float64, byBiases []float64, learningRate float64) ([][]float64, []float64)) error {
	return checkTable("Step", step)
}
