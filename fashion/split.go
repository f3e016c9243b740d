package fashion

import (
	"fmt"
	"math"

	"fashionlab/fashion/internal/random"
)

// Subset is a selection of the images of a data set, in any order. It holds positions,
// not copies of images.
type Subset struct {
	Dataset *Dataset
	Indices []int32 // positions in Dataset
}

// Len returns the number of images in the subset.
func (s Subset) Len() int { return len(s.Indices) }

// check returns an error for a position that the data set does not have.
func (s Subset) check() error {
	if err := s.Dataset.check(); err != nil {
		return err
	}
	for i, index := range s.Indices {
		if index < 0 || int(index) >= s.Dataset.Len() {
			return fmt.Errorf("subset of %s: index %d is %d, want 0 to %d", s.Dataset.title(), i, index, s.Dataset.Len()-1)
		}
	}
	return nil
}

// RandomSplit divides the images of d at random into trainSize images for training and
// validationSize images for choosing models. Sizes that do not add up to d.Len() are an
// error, so no image is left out by accident; validationSize may be 0. Equal seeds give
// equal splits on every platform and in every release.
func RandomSplit(d *Dataset, seed uint64, trainSize, validationSize int) (train, validation Subset, err error) {
	if err := d.check(); err != nil {
		return Subset{}, Subset{}, err
	}
	switch {
	case d.Len() > math.MaxInt32:
		return Subset{}, Subset{}, fmt.Errorf("split %s: %d images, want at most %d", d.title(), d.Len(), math.MaxInt32)
	case trainSize < 1:
		return Subset{}, Subset{}, fmt.Errorf("split %s: %d images for training, want at least 1", d.title(), trainSize)
	case validationSize < 0:
		return Subset{}, Subset{}, fmt.Errorf("split %s: %d images for validation, want 0 or more", d.title(), validationSize)
	case trainSize > d.Len() || validationSize != d.Len()-trainSize:
		return Subset{}, Subset{}, fmt.Errorf("split %s: %d images for training and %d for validation, want sizes that add up to its %d images",
			d.title(), trainSize, validationSize, d.Len())
	}
	order := ascending(d.Len())
	random.Shuffle(random.New(seed, random.Split, 0), order)
	train = Subset{Dataset: d, Indices: order[:trainSize:trainSize]}
	validation = Subset{Dataset: d, Indices: order[trainSize:]}
	return train, validation, nil
}

// ascending returns 0, 1, …, n-1.
func ascending(n int) []int32 {
	indices := make([]int32, n)
	for i := range indices {
		indices[i] = int32(i)
	}
	return indices
}
