package lessons

// CheckDropoutBackward checks DropoutBackward(dy, kept, p): the derivatives of the loss with respect
// to the input of dropout in training mode.
func CheckDropoutBackward(backward func(dy []float64, kept []bool, p float64) []float64) error {
	return checkTable("DropoutBackward", backward)
}
