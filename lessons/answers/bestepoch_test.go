package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckBestEpoch(t *testing.T) {
	type answer = func([]float64) int
	testCheck(t, bestEpochOf, lessons.CheckBestEpoch, CheckBestEpochFurther, []wrongCase[answer]{
		{"the stub", func([]float64) int { panic("not implemented") }, "BestEpoch is not written yet"},
		{"from 0", func(losses []float64) int { return bestEpochOf(losses) - 1 }, "epochs are counted from 1"},
		{"the largest", func(losses []float64) int { return largest(losses) + 1 }, "the loss is largest there"},
		{"the first rise", func(losses []float64) int {
			for i := 1; i < len(losses); i++ {
				if losses[i] > losses[i-1] {
					return i
				}
			}
			return len(losses)
		}, "but falls below it later"},
		{"the last", func(losses []float64) int { return len(losses) }, "that is the last epoch"},
		{"the last of equal ones", func(losses []float64) int {
			best := 0
			for i, loss := range losses {
				if loss <= losses[best] {
					best = i
				}
			}
			return best + 1
		}, "the first of equal ones counts"},
		{"one too late", func(losses []float64) int { return bestEpochOf(losses) + 1 }, "one epoch too late"},
		{"0", func([]float64) int { return 0 }, "look for the smallest loss"},
	})
}
