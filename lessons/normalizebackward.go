package lessons

// CheckNormalizeBackward checks NormalizeBackward(x, weight, dy): the derivatives of the loss with
// respect to the input, the weight and the bias of batch norm in training mode.
func CheckNormalizeBackward(backward func(x [][]float64, weight []float64, dy [][]float64) (dx [][]float64, dWeight, dBias []float64)) error {
	return checkTable("NormalizeBackward", backward)
}
