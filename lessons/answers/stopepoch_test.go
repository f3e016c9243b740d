package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestStopEpochChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(losses []float64, patience int) (best, stop int)
	with := func(slip stopSlip) f {
		return func(losses []float64, patience int) (int, int) {
			result := stopEpoch(losses, patience, slip)
			return result.Best, result.Stop
		}
	}
	testChecks(t, []func(f) error{lessons.CheckStopEpoch, CheckStopEpochFurther}, with(stopsRight),
		wrongAnswer[f]{"looks ahead", with(looksAhead), "the best epoch lies after the stop"},
		wrongAnswer[f]{"previous loss", with(comparesWithLast), "compared with the one before"},
		wrongAnswer[f]{"late", with(waitsTooLong), "an epoch late"},
		wrongAnswer[f]{"early", with(waitsTooShort), "an epoch early"},
		wrongAnswer[f]{"not in a row", with(neverResets), "sets the count back"},
		wrongAnswer[f]{"ties", with(countsTies), "no improvement; use <"},
		wrongAnswer[f]{"never stops", with(neverStops), "never stops: after"},
		wrongAnswer[f]{"the last epoch", with(takesLast), "not the one at which training stops"},
		wrongAnswer[f]{"highest", with(prefersLarge), "looks for the highest loss"},
		wrongAnswer[f]{"from 0", func(losses []float64, patience int) (int, int) {
			best, stop := with(stopsRight)(losses, patience)
			return best - 1, stop - 1
		}, "counted from 1"},
		wrongAnswer[f]{"constant", func([]float64, int) (int, int) { return 0, 0 }, "keep the lowest loss so far"},
		wrongAnswer[f]{"stub", func([]float64, int) (int, int) { panic(stubPanic) }, "not written yet"},
	)
}
