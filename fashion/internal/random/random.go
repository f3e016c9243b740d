// Package random gives streams of random numbers that depend on a seed, a purpose and a
// position alone. They are the same on every platform and with every release, since what
// was saved with a seed must mean the same for ever.
package random

import (
	"math/bits"
	"math/rand/v2"
)

// Stream names what a sequence of random numbers is for, so that equal seeds for
// different purposes give unrelated sequences. The numbers are part of every saved result:
// never renumber them.
type Stream uint64

const (
	Split          Stream = iota + 1 // which images are for training and which for validation
	Epoch                            // the order of the images; the position is the epoch
	SyntheticTrain                   // synthetic images to train on
	SyntheticTest                    // synthetic images to test with
)

// Source is a sequence of random numbers.
type Source struct{ pcg rand.PCG }

// New returns the source for a purpose and a position (for example the epoch). Seeds are
// mixed first because PCG takes them as its state, and states that differ by little give
// sequences that are alike in their differences.
func New(seed uint64, stream Stream, position uint64) *Source {
	low := mix(mix(uint64(stream)) ^ position)
	return &Source{*rand.NewPCG(mix(seed), mix(seed^low))}
}

// InitialValues returns the source for the first weights of a network. It is older than the
// streams and takes the seed as it is.
func InitialValues(seed uint64) *Source {
	return &Source{*rand.NewPCG(seed, 0x1717)}
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

// Uint64 returns 64 random bits. With it a Source serves rand.New.
func (s *Source) Uint64() uint64 { return s.pcg.Uint64() }

// Below returns an evenly distributed number from 0 to n-1, n > 0. It is
// written out (Lemire, "Fast random integer generation in an interval", 2019)
// because the standard library may change how it turns random bits into
// numbers.
func (s *Source) Below(n uint64) uint64 {
	high, low := bits.Mul64(s.Uint64(), n)
	if low < n {
		for threshold := -n % n; low < threshold; {
			high, low = bits.Mul64(s.Uint64(), n)
		}
	}
	return high
}

// Unit returns an evenly distributed multiple of 2⁻²⁴ in [0, 1), which float32 holds
// exactly.
func (s *Source) Unit() float64 { return float64(s.Uint64()>>40) / (1 << 24) }

// Shuffle brings values into random order (Fisher and Yates, from the end).
func Shuffle[T any](s *Source, values []T) {
	for i := len(values) - 1; i > 0; i-- {
		j := s.Below(uint64(i) + 1)
		values[i], values[j] = values[j], values[i]
	}
}
