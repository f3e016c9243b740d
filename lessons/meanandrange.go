package lessons

// CheckMeanAndRange checks a function that sums up the results of several seeds.
func CheckMeanAndRange(f func(values []float64) (mean, low, high float64)) error {
	return checkTable("MeanAndRange", f)
}
