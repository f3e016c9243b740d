package lessons

// CheckBestEpoch checks BestEpoch(validationLosses): the epoch, counted from 1, after
// which the validation loss was lowest; the first of equal ones.
func CheckBestEpoch(best func(validationLosses []float64) int) error {
	return checkTable("BestEpoch", best)
}
