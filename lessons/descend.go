package lessons

// CheckDescend checks Descend(start, slope, learningRate, steps): the positions of
// gradient descent in one dimension, the start and one after each step.
func CheckDescend(descend func(start float64, slope func(float64) float64, learningRate float64, steps int) []float64) error {
	return checkTable("Descend", descend)
}
