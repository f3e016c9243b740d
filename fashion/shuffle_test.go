package fashion

import (
	"math"
	"slices"
	"testing"
)

// The pinned values in this file and in those about splits and loaders were
// computed by a separate implementation of PCG-DXSM, SplitMix64 and the
// shuffle, in Python. They must never change: a seed means the same images for
// ever.

func TestRandomNumbersAreThePinnedOnes(t *testing.T) {
	if got := mix(0); got != 16294208416658607535 {
		t.Errorf("mix(0) is %d, expected SplitMix64's 16294208416658607535", got)
	}
	if got := newRandom(0, splitStream, 0).Uint64(); got != 0xc71e436fa9141ce4 {
		t.Errorf("first number of seed 0 for splits is %#x, expected 0xc71e436fa9141ce4", got)
	}
	if got := newRandom(42, epochStream, 3).Uint64(); got != 0x12af4329f04af5cd {
		t.Errorf("first number of seed 42 for epoch 3 is %#x, expected 0x12af4329f04af5cd", got)
	}
}

func TestStreamsAreUnrelated(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := range uint64(20) {
		for stream := range randomStream(5) {
			for position := range uint64(20) {
				seen[newRandom(seed, stream, position).Uint64()] = true
			}
		}
	}
	if len(seen) != 20*5*20 {
		t.Errorf("%d different first numbers of %d generators", len(seen), 20*5*20)
	}
}

func TestBelowIsEvenlyDistributed(t *testing.T) {
	random := newRandom(3, 0, 0)
	const n, draws = 10, 100_000
	var counts [n]int
	for range draws {
		counts[below(random, n)]++
	}
	// Chi-squared with 9 degrees of freedom exceeds 27.9 once in a thousand.
	chi := 0.0
	for _, count := range counts {
		chi += math.Pow(float64(count)-draws/n, 2) / (draws / n)
	}
	if chi > 27.9 {
		t.Errorf("counts %v: chi-squared %.1f, expected at most 27.9", counts, chi)
	}
}

// Numbers below n = 2^63+1 are where a version without rejection is plainly
// wrong: it would return every other number only.
func TestBelowIsEvenForLargeRanges(t *testing.T) {
	random := newRandom(4, 0, 0)
	const n = 1<<63 + 1
	odd := 0
	for range 10_000 {
		value := below(random, n)
		if value >= n {
			t.Fatalf("found %d, expected less than %d", value, uint64(n))
		}
		odd += int(value & 1)
	}
	if odd < 4700 || odd > 5300 {
		t.Errorf("%d of 10000 numbers are odd, expected about half", odd)
	}
}

func TestShuffleReachesAllPermutationsEqually(t *testing.T) {
	counts := map[[3]int32]int{}
	for seed := range uint64(6000) {
		values := ascending(3)
		shuffle(newRandom(seed, 0, 0), values)
		counts[[3]int32(values)]++
	}
	for permutation, count := range counts {
		if count < 850 || count > 1150 { // 1000 plus or minus five standard deviations
			t.Errorf("%v came %d times of 6000, expected about 1000", permutation, count)
		}
	}
	if len(counts) != 6 {
		t.Errorf("found %d permutations of three, expected 6", len(counts))
	}
}

// isPermutation reports whether values holds 0 to n-1, each once.
func isPermutation(values []int32, n int) bool {
	return slices.Equal(slices.Sorted(slices.Values(values)), ascending(n))
}

// weightedSum tells permutations apart: the sum of each value times its
// position counted from 1.
func weightedSum(values []int32) int64 {
	sum := int64(0)
	for i, value := range values {
		sum += int64(i+1) * int64(value)
	}
	return sum
}
