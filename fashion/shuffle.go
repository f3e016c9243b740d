package fashion

import (
	"math/bits"
	"math/rand/v2"
)

// randomStream names what a sequence of random numbers is for, so that equal
// seeds for different purposes give unrelated sequences. The numbers are part
// of every saved result: never renumber them.
type randomStream uint64

const (
	splitStream randomStream = iota + 1
	epochStream
	syntheticTrainStream
	syntheticTestStream
)

// newRandom returns the generator for one purpose and position (for example
// the epoch). Seeds are mixed first because PCG takes them as its state, and
// states that differ by little give sequences that are alike in their
// differences.
func newRandom(seed uint64, stream randomStream, position uint64) *rand.PCG {
	low := mix(mix(uint64(stream)) ^ position)
	return rand.NewPCG(mix(seed), mix(seed^low))
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood, "Fast
// splittable pseudorandom number generators", 2014): a bijection that spreads
// every bit of x over the whole word.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below returns an evenly distributed number from 0 to n-1, n > 0. It is
// written out (Lemire, "Fast random integer generation in an interval", 2019)
// because the standard library may change how it turns random bits into
// numbers, while a seed must mean the same images for ever.
func below(random *rand.PCG, n uint64) uint64 {
	high, low := bits.Mul64(random.Uint64(), n)
	if low < n {
		for threshold := -n % n; low < threshold; {
			high, low = bits.Mul64(random.Uint64(), n)
		}
	}
	return high
}

// shuffle brings values into random order (Fisher and Yates, from the end).
func shuffle[T any](random *rand.PCG, values []T) {
	for i := len(values) - 1; i > 0; i-- {
		j := below(random, uint64(i)+1)
		values[i], values[j] = values[j], values[i]
	}
}

// ascending returns 0, 1, …, n-1.
func ascending(n int) []int32 {
	indices := make([]int32, n)
	for i := range indices {
		indices[i] = int32(i)
	}
	return indices
}
