package lessons

// CheckAccuracy checks Accuracy(predicted, labels): the share of positions at
// which the two are equal.
func CheckAccuracy(accuracy func(predicted, labels []int) float64) error {
	return checkTable("Accuracy", accuracy)
}
