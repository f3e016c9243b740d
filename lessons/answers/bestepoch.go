package answers

import "fashionlab/lessons"

func visibleBestEpoch() []lessons.Case {
	return each(bestEpochCaseOf, []float64{0.9, 0.7, 0.75, 0.6, 0.64, 0.8})
}

// CheckBestEpochFurther checks BestEpoch where the loss falls to the end, rises
// from the start, or is lowest twice.
func CheckBestEpochFurther(best func(validationLosses []float64) int) error {
	return check("BestEpoch", best, bestEpochCaseOf,
		[]float64{2, 1.5, 1.2, 1.1, 1},
		[]float64{0.5, 0.6, 0.7},
		[]float64{0.8, 0.4, 0.6, 0.4, 0.5},
		[]float64{1.5},
		[]float64{900, 800, 850, 950},
	)
}

// bestEpochCaseOf is a call, with the right result and those of typical mistakes.
func bestEpochCaseOf(losses []float64) lessons.Case {
	want := bestEpochOf(losses)
	last, firstRise := want, len(losses)
	for i, loss := range losses {
		if loss == losses[want-1] {
			last = i + 1
		}
		if firstRise == len(losses) && i+1 < len(losses) && losses[i+1] > loss {
			firstRise = i + 1
		}
	}
	causes := []lessons.Cause{
		lessons.Gives(last, "the loss is equally low there, but it was so before; the first of equal ones counts, since it took less training"),
		lessons.Gives(want-1, "that is its position, counted from 0; epochs are counted from 1"),
		lessons.Gives(largest(losses)+1, "the loss is largest there; the smallest one is best"),
		lessons.Gives(firstRise, "the loss rises for the first time after this epoch, but falls below it later; look at all epochs"),
		lessons.Gives(len(losses), "that is the last epoch; a model may get worse again"),
		lessons.Gives(want+1, "that is one epoch too late"),
		lessons.Otherwise("look for the smallest loss; its epoch is its position plus 1"),
	}
	return lessons.One(want, causes, losses)
}

// bestEpochOf is the reference.
func bestEpochOf(losses []float64) int {
	best := 0
	for i, loss := range losses {
		if loss < losses[best] {
			best = i
		}
	}
	return best + 1
}
