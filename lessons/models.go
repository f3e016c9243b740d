package lessons

import "fashionlab/fashion"

// CheckBaseline checks the structure of a student's baseline CNN: two 5×5
// convolutions, 19,306 parameters.
func CheckBaseline(f func() *fashion.Model) error { return checkModel("Baseline", f) }

// CheckVersionOne checks the structure of a student's version 1: twice the
// channels, batch norm and dropout, 53,146 parameters.
func CheckVersionOne(f func() *fashion.Model) error { return checkModel("VersionOne", f) }

// CheckVersionTwo checks the structure of a student's version 2: three 3×3
// convolutions, 67,930 parameters.
func CheckVersionTwo(f func() *fashion.Model) error { return checkModel("VersionTwo", f) }

// CheckVersionThree checks the structure of a student's version 3: version 2
// with a hidden layer, 362,370 parameters.
func CheckVersionThree(f func() *fashion.Model) error { return checkModel("VersionThree", f) }
