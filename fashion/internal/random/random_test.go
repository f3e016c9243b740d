package random

import (
	"math"
	"slices"
	"testing"
)

// The pinned values in this file and in those about splits and loaders were
// computed by a separate implementation of PCG-DXSM, SplitMix64 and the
// shuffle, in Python. They must never change, since a seed must always give the
// same images.

func TestRandomNumbersAreThePinnedOnes(t *testing.T) {
	if got := mix(0); got != 16294208416658607535 {
		t.Errorf("mix(0) is %d, want SplitMix64's 16294208416658607535", got)
	}
	for name, c := range map[string]struct {
		source *Source
		want   []uint64
	}{
		"Split of seed 0":              {New(0, Split, 0), []uint64{0xc71e436fa9141ce4}},
		"Split of seed 42":             {New(42, Split, 3), []uint64{0x0e1532c141341322, 0x4b3af4b5361b9b71, 0xe9f16b0077bdf553}},
		"Epoch of seed 42":             {New(42, Epoch, 3), []uint64{0x12af4329f04af5cd, 0xf56f2696c56ac59b, 0xf6329c39604ad1c3}},
		"SyntheticTrain of seed 42":    {New(42, SyntheticTrain, 3), []uint64{0xe937fd109c3540a1, 0x1d21a6bbc5f540b4, 0x37124315335924ef}},
		"SyntheticTest of seed 42":     {New(42, SyntheticTest, 3), []uint64{0x913a04a75e4881b6, 0x3540dddc7230f326, 0x39aa7d8ff3786eab}},
		"the first weights of seed 42": {InitialValues(42), []uint64{0x11240cb70470638a, 0xe5be92622d374f6f, 0x9a2053817a9eb207}},
	} {
		for i, want := range c.want {
			if got := c.source.Uint64(); got != want {
				t.Errorf("number %d of %s is %#x, want %#x", i, name, got, want)
			}
		}
	}
}

func TestNumbersMadeOfRandomBitsAreThePinnedOnes(t *testing.T) {
	values := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	Shuffle(New(42, Epoch, 3), values)
	if want := []int{1, 2, 9, 4, 6, 5, 3, 7, 8, 0}; !slices.Equal(values, want) {
		t.Errorf("Shuffle gives %v, want %v", values, want)
	}
	source := New(42, Split, 0)
	for i, want := range []uint64{918, 872, 642, 570, 560, 263, 729, 15} {
		if got := source.Below(1000); got != want {
			t.Errorf("number %d below 1000 is %d, want %d", i, got, want)
		}
	}
	source = InitialValues(42)
	for i, want := range []float32{-0.43304372, 0.39743912, 0.10205573, 0.008993745} {
		if got := float32(source.Unit() - 0.5); got != want {
			t.Errorf("number %d in [0, 1) is %v above 0.5, want %v", i, got, want)
		}
	}
}

func TestStreamsAreUnrelated(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(20) {
		for stream := range AlternatingFlip + 1 {
			for position := range uint64(20) {
				seen[New(seed, stream, position).Uint64()] = true
			}
		}
	}
	if len(seen) != 20*7*20 {
		t.Errorf("%d different first numbers of %d generators", len(seen), 20*7*20)
	}
}

func TestBelowIsEvenlyDistributed(t *testing.T) {
	source := New(3, 0, 0)
	const n, draws = 10, 100_000
	var counts [n]int
	for range draws {
		counts[source.Below(n)]++
	}
	// Chi-squared with 9 degrees of freedom exceeds 27.9 once in a thousand.
	chi := 0.0
	for _, count := range counts {
		chi += math.Pow(float64(count)-draws/n, 2) / (draws / n)
	}
	if chi > 27.9 {
		t.Errorf("counts %v: chi-squared %.1f, want at most 27.9", counts, chi)
	}
}

// For n = 2^63+1 a version without rejection would return only every second number.
func TestBelowIsEvenForLargeRanges(t *testing.T) {
	source := New(4, 0, 0)
	const n = 1<<63 + 1
	odd := 0
	for range 10_000 {
		value := source.Below(n)
		if value >= n {
			t.Fatalf("found %d, want less than %d", value, uint64(n))
		}
		odd += int(value & 1)
	}
	if odd < 4700 || odd > 5300 {
		t.Errorf("%d of 10000 numbers are odd, want about half", odd)
	}
}

func TestShuffleReachesAllPermutationsEqually(t *testing.T) {
	counts := map[[3]int32]int{}
	for seed := range uint64(6000) {
		values := [3]int32{0, 1, 2}
		Shuffle(New(seed, 0, 0), values[:])
		counts[values]++
	}
	for permutation, count := range counts {
		if count < 850 || count > 1150 { // 1000 plus or minus five standard deviations
			t.Errorf("%v came %d times of 6000, want about 1000", permutation, count)
		}
	}
	if len(counts) != 6 {
		t.Errorf("found %d permutations of three, want 6", len(counts))
	}
}
