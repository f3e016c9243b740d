package lessons

// CheckUpdate checks Update by a function that makes parameters with the given data and
// gradients, calls Update, and returns their data and gradients after it.
func CheckUpdate(update func(data, gradients []float64, rate float64) (newData, newGradients []float64)) error {
	return checkTable("Update", update)
}
