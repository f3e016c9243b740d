package sample

import (
	"math"
	"testing"
)

// The example of https://en.wikipedia.org/wiki/Standard_deviation: eight marks with the mean 5 and the squared
// differences 32 in all.
func TestMomentsAreThoseOfASample(t *testing.T) {
	mean, variance := Moments([]float64{2, 4, 4, 4, 5, 5, 7, 9})
	if mean != 5 || math.Abs(variance-32.0/7) > 1e-12 {
		t.Errorf("mean %v and variance %v, want 5 and 32/7", mean, variance)
	}
	if mean, variance := Moments([]float64{3}); mean != 3 || !math.IsNaN(variance) {
		t.Errorf("of one value: mean %v and variance %v, want 3 and NaN", mean, variance)
	}
}
