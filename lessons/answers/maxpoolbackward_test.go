package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestMaxPoolBackwardChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(image, dOutput [][]float64, size int) [][]float64
	with := func(slip poolBackwardSlip) f {
		return func(image, dOutput [][]float64, size int) [][]float64 {
			return maxPoolBackward(image, dOutput, size, slip)
		}
	}
	testChecks(t, []func(f) error{lessons.CheckMaxPoolBackward, CheckMaxPoolBackwardFurther}, with(passesRight),
		wrongAnswer[f]{"all", with(passesToAll), "every pixel of a window"},
		wrongAnswer[f]{"shares", with(passesShares), "the backward pass of an average"},
		wrongAnswer[f]{"ties", with(passesToTies), "all of them get the derivative"},
		wrongAnswer[f]{"last", with(passesToLast), "the last one gets the derivative"},
		wrongAnswer[f]{"corner", with(passesToCorner), "the first pixel of each window"},
		wrongAnswer[f]{"times the value", with(passesTimesValue), "multiplied by the pixel"},
		wrongAnswer[f]{"zeros", with(passesNothing), "all derivatives are 0"},
		wrongAnswer[f]{"the shape of the output", func(_, dOutput [][]float64, _ int) [][]float64 { return dOutput }, "a gradient has the shape"},
		wrongAnswer[f]{"nothing", func(_, _ [][]float64, _ int) [][]float64 { return nil }, "the result is empty"},
		wrongAnswer[f]{"another", func(image, dOutput [][]float64, size int) [][]float64 {
			d := maxPoolBackward(image, dOutput, size, passesRight)
			d[0][0] += 0.125
			return d
		}, "all other pixels get 0"},
		wrongAnswer[f]{"stub", func(_, _ [][]float64, _ int) [][]float64 { panic(stubPanic) }, "not written yet"},
	)
}

func TestTheBackwardPassOfAMaxPoolingGivesTheSlopesOfItsOutput(t *testing.T) {
	image, weights := [][]float64{{3, 9, 2, 4, 1}, {1, 5, 8, 6, 2}, {7, 1, 3, 5, 4}}, [][]float64{{0.5, -2}}
	expectSlopes(t, "image", image, maxPoolBackward(image, weights, 2, passesRight), func() float64 {
		return dotRows(maxPool(image, 2, poolsRight), weights)
	})
}
