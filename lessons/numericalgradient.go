package lessons

// CheckNumericalGradient checks NumericalGradient(f, x, h), whose i-th value is the
// central difference (f(x + h·e_i) − f(x − h·e_i)) / 2h.
func CheckNumericalGradient(numerical func(f func([]float64) float64, x []float64, h float64) []float64) error {
	return checkTable("NumericalGradient", numerical)
}
