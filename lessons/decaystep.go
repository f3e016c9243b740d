package lessons

// CheckDecayStep checks DecayStep(w, g, rate, decay): a step of gradient descent with weight decay.
func CheckDecayStep(step func(w, g []float64, rate, decay float64) []float64) error {
	return checkTable("DecayStep", step)
}
