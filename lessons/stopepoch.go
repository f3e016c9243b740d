package lessons

import "fmt"

// BestAndStop is the outcome of early stopping: the best epoch and the last one
// that is trained, counted from 1.
type BestAndStop struct{ Best, Stop int }

// String writes both.
func (b BestAndStop) String() string { return fmt.Sprintf("best %d, stop %d", b.Best, b.Stop) }

// CheckStopEpoch checks early stopping.
func CheckStopEpoch(f func(losses []float64, patience int) (best, stop int)) error {
	return checkTable("StopEpoch", StopEpochAsOne(f))
}

// StopEpochAsOne returns the function with its two results as one, since
// typical mistakes change both.
func StopEpochAsOne(f func(losses []float64, patience int) (best, stop int)) func(losses []float64, patience int) BestAndStop {
	return func(losses []float64, patience int) BestAndStop {
		best, stop := f(losses, patience)
		return BestAndStop{best, stop}
	}
}
