package lessons

// CheckUpdateRunning checks how the running averages of batch norm move.
func CheckUpdateRunning(f func(runningMean, runningVariance, mean, variance []float64, n int) ([]float64, []float64)) error {
	return checkTable("UpdateRunning", f)
}
