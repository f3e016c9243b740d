package lessons

import "fmt"

// An earlyStop is the outcome of early stopping: the best epoch and the last
// one that is trained, counted from 1.
type earlyStop struct{ best, stop int }

func (e earlyStop) String() string { return fmt.Sprintf("best %d, stop %d", e.best, e.stop) }

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
func stopEpoch(losses []float64, patience int, slip stopSlip) earlyStop {
	result := earlyStop{best: 1, stop: len(losses)}
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
		reference := losses[result.best-1]
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
			result.best = i + 1
			if slip != neverResets {
				waited = 0
			}
			continue
		}
		waited++
		if waited >= limit {
			result.stop = i + 1
			break
		}
	}
	switch slip {
	case looksAhead:
		result.best = stopEpoch(losses, len(losses)+1, stopsRight).best
	case takesLast:
		result.best = result.stop
	}
	return result
}

var stopCauses = []struct {
	slip  stopSlip
	cause string
}{
	{takesLast, "the best epoch is the one with the lowest loss, not the one at which training stops"},
	{looksAhead, "the best epoch lies behind the stop: an epoch that was not trained has no loss; stop looking where the training stops"},
	{comparesWithLast, "each loss is compared with the one before; compare it with the lowest so far"},
	{neverStops, "this looks at all epochs and never stops: after patience epochs in a row without a new lowest loss the training ends"},
	{waitsTooLong, "this stops an epoch late: the epoch that makes it patience in a row is the last"},
	{waitsTooShort, "this stops an epoch early: wait for patience epochs without a new lowest loss"},
	{neverResets, "the epochs are not in a row: a new lowest loss sets the count back to 0"},
	{countsTies, "a loss that only equals the lowest is no improvement; use < instead of <="},
	{prefersLarge, "this looks for the highest loss; it should be low"},
}

// CheckStopEpoch checks early stopping.
func CheckStopEpoch(f func(losses []float64, patience int) (best, stop int)) error {
	return firstError(
		checkStopEpoch(f, []float64{0.9, 0.7, 0.6, 0.5}, 2),
		checkStopEpoch(f, []float64{0.6, 0.9, 0.3, 0.4, 0.35, 0.9, 0.5, 0.5, 0.6, 0.2}, 2),
		checkStopEpoch(f, []float64{0.6, 0.9, 0.3, 0.4, 0.3, 0.9, 0.5, 0.5, 0.6, 0.2}, 2))
}

// CheckStopEpochFurther checks ties, a patience of 1, losses that rise from the
// beginning, and a single epoch.
func CheckStopEpochFurther(f func(losses []float64, patience int) (best, stop int)) error {
	return firstError(
		checkStopEpoch(f, []float64{0.5, 0.6, 0.5, 0.5, 0.4}, 3),
		checkStopEpoch(f, []float64{0.8, 0.7, 0.75, 0.6}, 1),
		checkStopEpoch(f, []float64{0.3, 0.5, 0.4, 0.6, 0.2}, 2),
		checkStopEpoch(f, []float64{0.9, 0.95, 0.8, 0.85, 0.7, 0.75, 0.6, 0.65}, 2),
		checkStopEpoch(f, []float64{2.3}, 5))
}

func checkStopEpoch(f func(losses []float64, patience int) (best, stop int), losses []float64, patience int) error {
	call := callOf("StopEpoch", losses, patience)
	var got earlyStop
	if err := call.run(func() { got.best, got.stop = f(losses, patience) }); err != nil {
		return err
	}
	want := stopEpoch(losses, patience, stopsRight)
	if got == want {
		return nil
	}
	if got.best == want.best-1 && (got.stop == want.stop-1 || got.stop == want.stop) && losses[max(got.best-1, 0)] > losses[want.best-1] {
		return call.wrong(got, want, "epochs are counted from 1: losses[0] is that of epoch 1")
	}
	for _, known := range stopCauses {
		if got == stopEpoch(losses, patience, known.slip) {
			return call.wrong(got, want, "%s", known.cause)
		}
	}
	return call.wrong(got, want, "keep the lowest loss so far and its epoch, count the epochs since, and stop when there are patience of them")
}
