package lessons

// CheckSoftmaxRows checks SoftmaxRows(logits), the softmax of each row of a batch.
func CheckSoftmaxRows(rows func(logits [][]float64) [][]float64) error {
	return checkTable("SoftmaxRows", rows)
}
