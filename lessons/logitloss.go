package lessons

// CheckCrossEntropyFromLogits checks CrossEntropyFromLogits(logits, label) =
// ln Σ e^z − z[label], for logits of any size.
func CheckCrossEntropyFromLogits(loss func(logits []float64, label int) float64) error {
	return checkTable("CrossEntropyFromLogits", loss)
}
