package lessons

// CheckOutputError checks OutputError(logits, labels): the derivatives of a batch's mean
// cross-entropy with respect to its logits.
func CheckOutputError(outputError func(logits [][]float64, labels []int) [][]float64) error {
	return checkTable("OutputError", outputError)
}
