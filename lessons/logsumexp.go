package lessons

// CheckLogSumExp checks LogSumExp(logits) = ln Σ e^z, for logits of any size.
func CheckLogSumExp(logSumExp func(logits []float64) float64) error {
	return checkTable("LogSumExp", logSumExp)
}
