package lessons

// CheckEvaluate checks Evaluate(operation, x): the result of an operation on the numbers x,
// and its slopes, the derivatives of the result with respect to each of them.
func CheckEvaluate(evaluate func(operation string, x []float64) (result float64, slopes []float64)) error {
	return checkTable("Evaluate", evaluate)
}
