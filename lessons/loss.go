package lessons

// CheckLoss checks Loss by a function that returns the loss, and its gradients with respect to
// the logits.
func CheckLoss(loss func(logits []float64, label int) (value float64, gradients []float64)) error {
	return checkTable("Loss", loss)
}
