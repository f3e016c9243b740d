package lessons

// CheckGradient checks Gradient(logits, label), the derivatives of the
// cross-entropy from logits: softmax(logits) minus the one-hot label.
func CheckGradient(gradient func(logits []float64, label int) []float64) error {
	return checkTable("Gradient", gradient)
}
