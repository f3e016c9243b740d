package answers

import (
	"math/rand/v2"

	"fashionlab/lessons"
)

// CheckDropoutFurther checks other rates, that none dropped is the same as no
// dropout, and that the mask of one value says nothing about that of the next.
func CheckDropoutFurther(f func(x []float64, p float64, training bool, random func() float64) []float64) error {
	if err := firstError(
		lessons.CheckDropoutEvaluation(f, []float64{4, 4, 4}, 0.25),
		lessons.CheckDropoutTraining(f, 0.8, 3),
		lessons.CheckDropoutTraining(f, 0.1, 4)); err != nil {
		return err
	}
	nothing := func(x []float64, p float64, training bool) []float64 {
		return f(x, p, training, rand.New(rand.NewPCG(5, 0)).Float64)
	}
	x := []float64{1, -2, 3}
	return checkCases("Dropout", nothing, lessons.One(x,
		[]lessons.Cause{lessons.Otherwise("with a rate of 0 nothing is dropped, and nothing scaled")}, x, 0.0, true))
}
