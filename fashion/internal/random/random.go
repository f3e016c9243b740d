// Package random generates random numbers that depend only on a seed, a purpose and a
// position. They are the same on every platform and in every release, since saved seeds must
// always give the same results.
package random

import (
	"math/bits"
	"math/rand/v2"
)

// Stream is the purpose of a sequence of random numbers. Equal seeds give unrelated sequences
// for different purposes. Saved results depend on these numbers: never change them.
type Stream uint64

const (
	Split           Stream = iota + 1 // which images are for training and which for validation
	Epoch                             // the order of the images; the position is the epoch
	SyntheticTrain                    // synthetic training images
	SyntheticTest                     // synthetic test images
	Augmentation                      // changes of training images; the position is the epoch and the image
	AlternatingFlip                   // which images are mirrored in even epochs; the position is the image
)

// Source is a sequence of random numbers.
type Source struct{ pcg rand.PCG }

// New returns the source for a purpose and a position (for example the epoch). The seed is
// mixed first: PCG would use it as its state, and similar states give correlated sequences.
func New(seed uint64, stream Stream, position uint64) *Source {
	low := mix(mix(uint64(stream)) ^ position)
	return &Source{*rand.NewPCG(mix(seed), mix(seed^low))}
}

// InitialValues returns the source for the initial weights of a network. It is older than the
// streams and uses the seed without mixing.
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

// Uint64 returns 64 random bits. It makes Source a rand.Source.
func (s *Source) Uint64() uint64 { return s.pcg.Uint64() }

// Below returns a uniformly distributed number from 0 to n-1, n > 0. It implements Lemire,
// "Fast random integer generation in an interval", 2019. The standard library is not used,
// since its algorithm may change.
func (s *Source) Below(n uint64) uint64 {
	high, low := bits.Mul64(s.Uint64(), n)
	if low < n {
		for threshold := -n % n; low < threshold; {
			high, low = bits.Mul64(s.Uint64(), n)
		}
	}
	return high
}

// Unit returns a uniformly distributed multiple of 2⁻²⁴ in [0, 1), which float32 represents
// exactly.
func (s *Source) Unit() float64 { return float64(s.Uint64()>>40) / (1 << 24) }

// Shuffle puts values into random order (Fisher and Yates, from the end).
func Shuffle[T any](s *Source, values []T) {
	for i := len(values) - 1; i > 0; i-- {
		j := s.Below(uint64(i) + 1)
		values[i], values[j] = values[j], values[i]
	}
}
