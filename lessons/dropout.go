package lessons

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A DropoutFunc is a student's dropout; random gives numbers from 0 to 1, without 1.
type DropoutFunc = func(x []float64, p float64, training bool, random func() float64) []float64

// CheckDropout checks dropout in both modes at a rate of a half and of a quarter.
func CheckDropout(f func(x []float64, p float64, training bool, random func() float64) []float64) error {
	return passed.note(firstError(
		CheckDropoutEvaluation(f, []float64{1, -2, 3, 0.5, 8}, 0.5),
		CheckDropoutTraining(f, 0.5, 1),
		CheckDropoutTraining(f, 0.25, 2)), "Dropout: 3 cases right")
}

// callDropout calls f with random numbers of the given seed.
func callDropout(f DropoutFunc, x []float64, p float64, training bool, seed uint64) ([]float64, error) {
	var got []float64
	err := callOf("Dropout", x, p, training).run(func() { got = f(x, p, training, rand.New(rand.NewPCG(seed, 0)).Float64) })
	if err == nil && len(got) != len(x) {
		err = fmt.Errorf("Dropout of %d values gives %d: dropped values stay in their places, as 0", len(x), len(got))
	}
	return got, err
}

// CheckDropoutEvaluation checks that dropout leaves values as they are in evaluation mode.
func CheckDropoutEvaluation(f DropoutFunc, x []float64, p float64) error {
	got, err := callDropout(f, x, p, false, 1)
	if err != nil {
		return err
	}
	if nearAll(got, x, tolerance) {
		return nil
	}
	down, up := make([]float64, len(x)), make([]float64, len(x))
	for i, v := range x {
		down[i], up[i] = v*(1-p), v/(1-p)
	}
	begin := fmt.Sprintf("Dropout(%s, %v, false, …) is %s, expected the values as they are: ", show(x), p, show(got))
	switch {
	case nearAll(got, down, tolerance):
		return fmt.Errorf("%sscaling down in evaluation is the other way to do it; here the values are scaled up in training, and evaluation does nothing", begin)
	case nearAll(got, up, tolerance):
		return fmt.Errorf("%sthey are scaled up although none was dropped", begin)
	default:
		return fmt.Errorf("%sin evaluation mode dropout does nothing; look at the argument `training` first", begin)
	}
}

// dropoutSample is how many values the statistics of dropout are taken of. For
// a share p of them the standard deviation is at most 0.5/√2000 < 0.012.
const dropoutSample = 2000

// CheckDropoutTraining checks dropout in training mode at a rate. There are many
// right results, so that this check looks at properties.
func CheckDropoutTraining(f DropoutFunc, p float64, seed uint64) error {
	x := make([]float64, dropoutSample)
	for i := range x {
		x[i] = float64(i%100) - 49.5 // no value is 0
	}
	got, err := callDropout(f, x, p, true, seed)
	if err != nil {
		return err
	}
	begin := fmt.Sprintf("Dropout(x, %v, true, …) of %d values", p, len(x))
	dropped, neighbours := 0, 0
	for i, v := range got {
		if v == 0 {
			dropped++
			if i > 0 && got[i-1] == 0 {
				neighbours++
			}
		}
	}
	share := float64(dropped) / dropoutSample
	switch {
	case dropped == 0 && nearAll(got, x, tolerance):
		return fmt.Errorf("%s changes nothing; in training mode each value is set to 0 with probability %v", begin, p)
	case share == 0 || share == 1:
		return fmt.Errorf("%s drops all of them or none: draw a number for each value, not one for all", begin)
	case math.Abs(share-p) > 0.05 && math.Abs(share-(1-p)) < 0.05:
		return fmt.Errorf("%s drops %.0f %%: p is the probability to drop a value, not to keep it", begin, 100*share)
	case math.Abs(share-p) > 0.05:
		return fmt.Errorf("%s drops %.0f %%, expected about %.0f %%: drop a value when random() is below p", begin, 100*share, 100*p)
	}
	for i, v := range got {
		if v == 0 || near(v, x[i]/(1-p), tolerance) {
			continue
		}
		cause := likelyCause(v, alike, fmt.Sprintf("a value is either 0 or the value that was there, divided by %v", 1-p),
			mistake[float64]{x[i], fmt.Sprintf("values that are kept are divided by 1 − p = %v, so that the mean stays what it was", 1-p)},
			mistake[float64]{x[i] / p, fmt.Sprintf("this divides by p; the share that is kept is 1 − p = %v", 1-p)},
			mistake[float64]{x[i] * (1 - p), "this makes what is left smaller still; to make up for what is dropped, divide by 1 − p"},
			mistake[float64]{x[i] * (1 + p), "this multiplies by 1 + p; the mean stays what it was if you divide by 1 − p"},
		)
		got, want := showPair(v, x[i]/(1-p))
		return fmt.Errorf("%s makes %s of %s, expected 0 or %s: %s", begin, got, show(x[i]), want, cause)
	}
	// For independent draws the share of neighbours dropped together is p².
	if together := float64(neighbours) / dropoutSample; math.Abs(together-p*p) > 0.05 {
		return fmt.Errorf("%s drops both of two neighbours in %.0f %% of the cases, expected about %.0f %%: draw a new random number for each value", begin, 100*together, 100*p*p)
	}
	return checkDropoutRandom(f, x, p, seed, got)
}

// checkDropoutRandom checks where the random numbers come from: got is the result
// for random numbers of that seed.
func checkDropoutRandom(f DropoutFunc, x []float64, p float64, seed uint64, got []float64) error {
	again, err := callDropout(f, x, p, true, seed)
	if err != nil {
		return err
	}
	if !slices.Equal(got, again) {
		return fmt.Errorf("Dropout drops other values when it is called again with the same random numbers: draw from the argument `random`, and from nothing else")
	}
	random := rand.New(rand.NewPCG(seed, 0)).Float64
	var first, second []float64
	if err := callOf("Dropout", x, p, true).run(func() { first, second = f(x, p, true, random), f(x, p, true, random) }); err != nil {
		return err
	}
	if slices.Equal(first, second) {
		return fmt.Errorf("Dropout drops the same values in two calls: the mask must be new in each step, so draw from the argument `random`, and do not make a generator of your own")
	}
	return nil
}
