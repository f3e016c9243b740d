package answers

import (
	"fashionlab/lessons"
)

// stopSlip is a typical mistake in early stopping.
type stopSlip int

const (
	stopsRight stopSlip = iota
	looksAhead
	comparesWithLast
	waitsTooLong
	waitsTooShort
	neverResets
	countsTies
	neverStops
	takesLast
	prefersLarge
)

// stopEpoch is early stopping: it ends after the first epoch that makes patience
// epochs in a row without a loss below the lowest so far.
func stopEpoch(losses []float64, patience int, slip stopSlip) lessons.BestAndStop {
	result := lessons.BestAndStop{Best: 1, Stop: len(losses)}
	waited := 0
	limit := patience
	switch slip {
	case waitsTooLong:
		limit++
	case waitsTooShort:
		limit--
	case neverStops:
		limit = len(losses) + 1
	}
	for i := 1; i < len(losses); i++ {
		reference := losses[result.Best-1]
		if slip == comparesWithLast {
			reference = losses[i-1]
		}
		improved := losses[i] < reference
		switch slip {
		case countsTies:
			improved = losses[i] <= reference
		case prefersLarge:
			improved = losses[i] > reference
		}
		if improved {
			result.Best = i + 1
			if slip != neverResets {
				waited = 0
			}
			continue
		}
		waited++
		if waited >= limit {
			result.Stop = i + 1
			break
		}
	}
	switch slip {
	case looksAhead:
		result.Best = stopEpoch(losses, len(losses)+1, stopsRight).Best
	case takesLast:
		result.Best = result.Stop
	}
	return result
}

var stopCauses = []struct {
	slip  stopSlip
	cause string
}{
	{takesLast, "the best epoch is the one with the lowest loss, not the one at which training stops"},
	{looksAhead, "the best epoch lies after the stop: an epoch that was not trained has no loss; stop looking where the training stops"},
	{comparesWithLast, "each loss is compared with the one before; compare it with the lowest so far"},
	{neverStops, "this looks at all epochs and never stops: after `patience` epochs in a row without a new lowest loss the training ends"},
	{waitsTooLong, "this stops an epoch late: the epoch that makes it `patience` in a row is the last"},
	{waitsTooShort, "this stops an epoch early: wait for `patience` epochs without a new lowest loss"},
	{neverResets, "the epochs are not in a row: a new lowest loss sets the count back to 0"},
	{countsTies, "a loss that only equals the lowest is no improvement; use < instead of <="},
	{prefersLarge, "this looks for the highest loss; it should be low"},
}

func visibleStopEpoch() []lessons.Case {
	return []lessons.Case{
		stopEpochCaseOf([]float64{0.9, 0.7, 0.6, 0.5}, 2),
		stopEpochCaseOf([]float64{0.6, 0.9, 0.3, 0.4, 0.35, 0.9, 0.5, 0.5, 0.6, 0.2}, 2),
		stopEpochCaseOf([]float64{0.6, 0.9, 0.3, 0.4, 0.3, 0.9, 0.5, 0.5, 0.6, 0.2}, 2),
	}
}

// CheckStopEpochFurther checks ties, a patience of 1, losses that rise from the
// beginning, and a single epoch.
func CheckStopEpochFurther(f func(losses []float64, patience int) (best, stop int)) error {
	return checkCases("StopEpoch", lessons.StopEpochAsOne(f),
		stopEpochCaseOf([]float64{0.5, 0.6, 0.5, 0.5, 0.4}, 3),
		stopEpochCaseOf([]float64{0.8, 0.7, 0.75, 0.6}, 1),
		stopEpochCaseOf([]float64{0.3, 0.5, 0.4, 0.6, 0.2}, 2),
		stopEpochCaseOf([]float64{0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.6, 0.65}, 2),
		stopEpochCaseOf([]float64{2.3}, 5))
}

// stopEpochCaseOf is a call, with the right result and those of typical mistakes.
func stopEpochCaseOf(losses []float64, patience int) lessons.Case {
	want := stopEpoch(losses, patience, stopsRight)
	var causes []lessons.Cause
	if fromZero := want.Best - 1; losses[max(fromZero-1, 0)] > losses[want.Best-1] {
		for _, stop := range []int{want.Stop - 1, want.Stop} {
			causes = append(causes, lessons.Gives(lessons.BestAndStop{Best: fromZero, Stop: stop}, "epochs are counted from 1: losses[0] is that of epoch 1"))
		}
	}
	for _, known := range stopCauses {
		causes = append(causes, lessons.Gives(stopEpoch(losses, patience, known.slip), "%s", known.cause))
	}
	causes = append(causes, lessons.Otherwise("keep the lowest loss so far and its epoch, count the epochs since, and stop when there are `patience` of them"))
	return lessons.One(want, causes, losses, patience)
}
