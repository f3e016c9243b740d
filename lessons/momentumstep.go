package lessons

// CheckMomentumStep checks MomentumStep(w, g, v, rate, momentum): a step of gradient
// descent with momentum, as PyTorch's SGD takes it.
func CheckMomentumStep(step func(w, g, v []float64, rate, momentum float64) (newW, newV []float64)) error {
	return checkTable("MomentumStep", step)
}
