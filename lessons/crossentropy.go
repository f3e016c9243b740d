package lessons

// CheckCrossEntropy checks CrossEntropy(target, probabilities), the definition
// −Σ target[i]·ln probabilities[i], in which 0·ln 0 is 0.
func CheckCrossEntropy(crossEntropy func(target, probabilities []float64) float64) error {
	return checkTable("CrossEntropy", crossEntropy)
}
