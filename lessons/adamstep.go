package lessons

// CheckAdamStep checks AdamStep(w, g, m, s, t, rate): step t of Adam, with PyTorch's
// defaults.
func CheckAdamStep(step func(w, g, m, s []float64, t int, rate float64) (newW, newM, newS []float64)) error {
	return checkTable("AdamStep", step)
}
