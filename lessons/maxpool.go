package lessons

// CheckMaxPool checks a max pooling with windows side by side.
func CheckMaxPool(f func(image [][]float64, size int) [][]float64) error {
	return checkTable("MaxPool", f)
}
