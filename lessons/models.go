package lessons

import "fashionlab/fashion"

// CheckBaseline checks the structure of a student's baseline CNN: two 5×5
// convolutions, 19,306 parameters.
func CheckBaseline(f func() *fashion.Model) error { return checkModel("Baseline", f) }
