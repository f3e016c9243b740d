package lessons

// CheckBatchStatistics checks the mean and the biased variance of each channel
// of a batch.
func CheckBatchStatistics(f func(x [][]float64) (mean, variance []float64)) error {
	return checkTable("BatchStatistics", f)
}
