package lessons

// CheckLogits checks Logits(weights, biases, x), the linear model: for each class
// i the sum of weights[i][p]·x[p] over all pixels p, plus biases[i].
func CheckLogits(logits func(weights [][]float64, biases, x []float64) []float64) error {
	return checkTable("Logits", logits)
}
