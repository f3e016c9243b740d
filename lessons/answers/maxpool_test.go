package answers

import (
	"testing"

	"fashionlab/lessons"
)

type poolFunc = func(image [][]float64, size int) [][]float64

// poolingWith returns a max pooling with a typical mistake.
func poolingWith(slip poolSlip) poolFunc {
	return func(image [][]float64, size int) [][]float64 { return maxPool(image, size, slip) }
}

func TestMaxPoolChecksTellTypicalAnswersApart(t *testing.T) {
	testChecks(t, []func(poolFunc) error{lessons.CheckMaxPool, CheckMaxPoolFurther}, poolingWith(poolsRight),
		wrongAnswer[poolFunc]{"starts at 0", poolingWith(startsAtZero), "a window of negative numbers gives 0"},
		wrongAnswer[poolFunc]{"means", poolingWith(takesMeans), "the windows' means"},
		wrongAnswer[poolFunc]{"minima", poolingWith(takesMinima), "the windows' smallest values"},
		wrongAnswer[poolFunc]{"stride 1", poolingWith(overlaps), "the windows overlap"},
		wrongAnswer[poolFunc]{"partial windows", poolingWith(keepsPartialWindows), "fill no whole window are dropped"},
		wrongAnswer[poolFunc]{"always two", poolingWith(poolsByTwo), "always 2×2"},
		wrongAnswer[poolFunc]{"one loop", poolingWith(looksAtDiagonal), "only the diagonal"},
		wrongAnswer[poolFunc]{"corner", poolingWith(takesCorners), "the first value of each window"},
		wrongAnswer[poolFunc]{"transposed", func(image [][]float64, size int) [][]float64 {
			return transposed(maxPool(image, size, poolsRight))
		}, "height and width are exchanged"},
		wrongAnswer[poolFunc]{"nothing", func([][]float64, int) [][]float64 { return nil }, "the result is empty"},
		wrongAnswer[poolFunc]{"stub", func([][]float64, int) [][]float64 { panic(stubPanic) }, "not written yet"},
	)
}

func TestMaxPoolDropsWhatFillsNoWindow(t *testing.T) {
	got := maxPool(ramp, 2, poolsRight)
	if want := [][]float64{{2, 4}, {3, 5}}; !alikeRows(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
