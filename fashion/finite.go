package fashion

import (
	"errors"
	"math"
)

// ErrDiverged is the error of a training whose loss or weights are no longer finite. Its
// run keeps what was saved before.
var ErrDiverged = errors.New("the training diverged")

// isFinite says whether x is neither infinite nor NaN.
func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// NotFinite names the tensors that hold an infinity or NaN, in the order of Names.
func (w *Weights) NotFinite() []string {
	var names []string
	for _, name := range w.Names() {
		t, _ := w.Get(name)
		for _, x := range t.Data {
			if !isFinite(float64(x)) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}
