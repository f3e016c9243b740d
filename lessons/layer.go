package lessons

// CheckLayer checks Layer by a function that returns its outputs, and the gradients of the sum
// of the outputs with respect to the inputs, the weights, row by row, and the biases.
func CheckLayer(layer func(inputs []float64, weights [][]float64, biases []float64) (outputs, gradients []float64)) error {
	return checkTable("Layer", layer)
}
