package fashion

import "fmt"

// Measure is a result of the validation by which epochs are compared.
type Measure string

// The measures. With an EMA they are those of the averaged weights.
const (
	// ByLoss prefers the lower validation loss.
	ByLoss Measure = "val_loss"
	// ByAccuracy prefers the higher validation accuracy.
	ByAccuracy Measure = "val_accuracy"
)

// of returns the value of an epoch; a lower one is better.
func (m Measure) of(e EpochResult) float64 {
	switch {
	case m == ByAccuracy:
		return -e.ResultAccuracy()
	case e.Averaged:
		return e.AveragedValLoss
	}
	return e.ValLoss
}

// checkStopping returns an error for settings of KeepBest and Patience that are out of their ranges
// or need a validation.
func (t Training) checkStopping() error {
	switch {
	case t.Monitor != "" && t.Monitor != ByLoss && t.Monitor != ByAccuracy:
		return fmt.Errorf("monitor %q, want %s or %s", t.Monitor, ByLoss, ByAccuracy)
	case t.Patience < 0 || !(t.MinDelta >= 0) || !isFinite(t.MinDelta):
		return fmt.Errorf("patience %d and smallest improvement %v, want 0 or more of each", t.Patience, t.MinDelta)
	case t.Validation == nil && (t.KeepBest || t.Patience > 0):
		return fmt.Errorf("KeepBest or Patience without Validation, want a loader of validation images")
	}
	return nil
}

// Best returns the best validated epoch by a measure, of equal ones the first, and whether there is
// one.
func (h *History) Best(by Measure) (best EpochResult, ok bool) {
	for _, e := range h.Epochs {
		if e.Validated && (!ok || by.of(e) < by.of(best)) {
			best, ok = e, true
		}
	}
	return best, ok
}

// stopped reports whether early stopping ends the training after the recorded epochs: the measure
// has not been better than the best before by more than minDelta for patience epochs in a row. The
// rule is that of Keras's EarlyStopping; PyTorch has none.
func (h *History) stopped(by Measure, patience int, minDelta float64) bool {
	if patience == 0 {
		return false
	}
	waited, best := 0, EpochResult{}
	for i, e := range h.Epochs {
		waited++
		if i == 0 || by.of(e) < by.of(best)-minDelta {
			waited, best = 0, e
		}
		if waited >= patience {
			return true
		}
	}
	return false
}
