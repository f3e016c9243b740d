package lessons

// CheckForwardPass checks ForwardPass(x, w1, b1, w2, b2): the hidden values and the
// logits of a network with one hidden layer, for a batch.
func CheckForwardPass(forward func(x, w1 [][]float64, b1 []float64, w2 [][]float64, b2 []float64) (h, logits [][]float64)) error {
	return checkTable("ForwardPass", forward)
}
