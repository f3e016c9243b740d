package lessons

// CheckArgmax checks Argmax(values): the position of the largest value, and of
// equal ones the first.
func CheckArgmax(argmax func(values []float64) int) error {
	return checkTable("Argmax", argmax)
}
