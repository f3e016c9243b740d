package lessons

import "fashionlab/fashion"

// CheckBaseline checks the structure of a student's baseline CNN: two 5×5
// convolutions, 28,938 parameters.
func CheckBaseline(f func() *fashion.Model) error { return checkModel("Baseline", f, fashion.CNN()) }

// CheckBaselineFurther checks that the model computes what the baseline does.
func CheckBaselineFurther(f func() *fashion.Model) error {
	return checkOutputs("Baseline", f, fashion.CNN())
}

// CheckVersionOne checks the structure of a student's version 1: twice the
// channels, batch norm and dropout, 83,658 parameters.
func CheckVersionOne(f func() *fashion.Model) error {
	return checkModel("VersionOne", f, fashion.CNNv1())
}

// CheckVersionOneFurther checks that the model computes what version 1 does, in
// training mode, too.
func CheckVersionOneFurther(f func() *fashion.Model) error {
	return checkOutputs("VersionOne", f, fashion.CNNv1())
}

// CheckVersionTwo checks the structure of a student's version 2: three 3×3
// convolutions, 113,610 parameters.
func CheckVersionTwo(f func() *fashion.Model) error {
	return checkModel("VersionTwo", f, fashion.CNNv2())
}

// CheckVersionTwoFurther checks that the model computes what version 2 does.
func CheckVersionTwoFurther(f func() *fashion.Model) error {
	return checkOutputs("VersionTwo", f, fashion.CNNv2())
}

// CheckVersionThree checks the structure of a student's version 3: version 2
// with a hidden layer, 620,746 parameters.
func CheckVersionThree(f func() *fashion.Model) error {
	return checkModel("VersionThree", f, fashion.CNNv3())
}

// CheckVersionThreeFurther checks that the model computes what version 3 does.
func CheckVersionThreeFurther(f func() *fashion.Model) error {
	return checkOutputs("VersionThree", f, fashion.CNNv3())
}
