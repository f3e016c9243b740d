package lessons

// CheckNormalizeTraining checks batch norm as it works while a network learns.
func CheckNormalizeTraining(f func(x [][]float64, weight, bias []float64) [][]float64) error {
	return checkTable("NormalizeTraining", f)
}

// CheckNormalizeEvaluation checks batch norm as it works when a trained network
// is used.
func CheckNormalizeEvaluation(f func(x [][]float64, runningMean, runningVariance, weight, bias []float64) [][]float64) error {
	return checkTable("NormalizeEvaluation", f)
}
