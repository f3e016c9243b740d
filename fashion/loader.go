package fashion

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"fashionlab/fashion/internal/random"
)

// Batch is a group of images that are trained on or evaluated together.
type Batch struct {
	Images  []byte  // Len()*ImagePixels bytes, a copy
	Labels  []byte  // Len() bytes, a copy
	Indices []int32 // where each image is in the data set
}

// Len returns the number of images in the batch.
func (b Batch) Len() int { return len(b.Labels) }

// check returns an error if a batch that was assembled by hand cannot be trained on.
func (b Batch) check() error {
	if b.Len() == 0 {
		return fmt.Errorf("the batch is empty")
	}
	if len(b.Images) != b.Len()*ImagePixels {
		return fmt.Errorf("the batch has %d bytes of images for %d labels, want %d (%d per label)", len(b.Images), b.Len(), b.Len()*ImagePixels, ImagePixels)
	}
	for i, label := range b.Labels {
		if label >= NumClasses {
			return fmt.Errorf("label %d of the batch is %d, want less than %d", i, label, NumClasses)
		}
	}
	return nil
}

// Loader divides a subset into batches, epoch by epoch. It has no state between
// epochs: any epoch can be repeated, or begun without the earlier ones. So a resumed
// training gets the same batches.
type Loader struct {
	subset    Subset
	batchSize int
	shuffled  bool
	seed      uint64
	dropLast  bool
}

// LoaderOption changes a setting of a [Loader].
type LoaderOption func(*Loader)

// Shuffle puts the images into a different random order in each epoch. The order
// depends only on seed and on the number of the epoch. Without Shuffle the order is
// that of the subset.
func Shuffle(seed uint64) LoaderOption {
	return func(l *Loader) { l.shuffled, l.seed = true, seed }
}

// DropLast leaves out the last batch of each epoch if it is smaller than the others, as
// drop_last=True does in PyTorch's DataLoader.
func DropLast() LoaderOption { return func(l *Loader) { l.dropLast = true } }

// NewLoader returns a loader of s with batches of batchSize images. A subset without
// images, a position that the data set does not have, and a batch size below 1 are
// errors.
func NewLoader(s Subset, batchSize int, options ...LoaderOption) (*Loader, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Len() == 0 {
		return nil, fmt.Errorf("loader of %s: the subset is empty, want at least 1 image", s.Dataset.title())
	}
	if s.Len() > math.MaxInt32 {
		return nil, fmt.Errorf("loader of %s: %d images, want at most %d", s.Dataset.title(), s.Len(), math.MaxInt32)
	}
	if batchSize < 1 {
		return nil, fmt.Errorf("loader of %s: batches of %d images, want at least 1", s.Dataset.title(), batchSize)
	}
	l := &Loader{subset: s, batchSize: min(batchSize, s.Len())}
	l.subset.Indices = slices.Clone(s.Indices) // the caller may change its slice
	for _, option := range options {
		option(l)
	}
	return l, nil
}

// Len returns the number of batches in an epoch. Without DropLast, the last batch is smaller if
// the batch size does not divide the number of images.
func (l *Loader) Len() int { return (l.images() + l.batchSize - 1) / l.batchSize }

// images returns the number of images in an epoch.
func (l *Loader) images() int {
	n := l.subset.Len()
	if l.dropLast {
		n -= n % l.batchSize
	}
	return n
}

// Subset returns the images of the loader.
func (l *Loader) Subset() Subset { return l.subset }

// BatchSize returns the number of images in a full batch.
func (l *Loader) BatchSize() int { return l.batchSize }

// Order returns the positions in the data set in the order of an epoch (counted from
// 0). Equal seeds give equal orders on every platform. The caller may change the slice.
func (l *Loader) Order(epoch int) []int32 {
	order := slices.Clone(l.subset.Indices)
	if l.shuffled {
		random.Shuffle(random.New(l.seed, random.Epoch, uint64(epoch)), order)
	}
	return order[:l.images()]
}

// Batches returns the batches of an epoch (counted from 0) for a range loop. Each
// batch has its own memory, so the caller may keep it.
func (l *Loader) Batches(epoch int) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		order := l.Order(epoch)
		for indices := range slices.Chunk(order, l.batchSize) {
			if !yield(l.batch(indices)) {
				return
			}
		}
	}
}

// First returns the first batch of epoch 0, for example to look at it before training.
func (l *Loader) First() Batch {
	return l.batch(slices.Clone(l.Order(0)[:l.batchSize]))
}

func (l *Loader) batch(indices []int32) Batch {
	d := l.subset.Dataset
	batch := Batch{
		Images:  make([]byte, 0, len(indices)*ImagePixels),
		Labels:  make([]byte, 0, len(indices)),
		Indices: indices,
	}
	for _, index := range indices {
		i := int(index)
		batch.Images = append(batch.Images, d.Images[i*ImagePixels:(i+1)*ImagePixels]...)
		batch.Labels = append(batch.Labels, d.Labels[i])
	}
	return batch
}
