package lessons

// CheckBackwardPass checks BackwardPass(x, h, w2, dz2): the derivatives of the loss with
// respect to the weights and biases of a network with one hidden layer.
func CheckBackwardPass(backward func(x, h, w2, dz2 [][]float64) (dw1 [][]float64, db1 []float64, dw2 [][]float64, db2 []float64)) error {
	return checkTable("BackwardPass", backward)
}
