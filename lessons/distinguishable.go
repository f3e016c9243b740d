package lessons

// CheckDistinguishable checks a function that says whether the results of two
// models lie apart.
func CheckDistinguishable(f func(a, b []float64) bool) error {
	return checkTable("Distinguishable", f)
}
