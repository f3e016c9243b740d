package lessons

// CheckSoftmaxAt checks SoftmaxAt(logits, temperature), the softmax of the logits divided by the temperature.
func CheckSoftmaxAt(softmaxAt func(logits []float64, temperature float64) []float64) error {
	return checkTable("SoftmaxAt", softmaxAt)
}
