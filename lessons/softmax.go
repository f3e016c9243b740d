package lessons

// CheckSoftmaxByFormula checks SoftmaxByFormula(logits), e^z_i / Σ_j e^z_j as it is
// written, on logits that no exponential overflows at.
func CheckSoftmaxByFormula(softmax func(logits []float64) []float64) error {
	return checkTable("SoftmaxByFormula", softmax)
}

// CheckSoftmax checks Softmax(logits), which must hold for logits of any size: some
// whose exponentials overflow, and some whose exponentials are all 0.
func CheckSoftmax(softmax func(logits []float64) []float64) error {
	return checkTable("Softmax", softmax)
}
