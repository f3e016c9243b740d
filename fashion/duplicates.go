package fashion

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Duplicate is a pair of images that are equal or nearly so.
type Duplicate struct {
	// First and Second are the two images. FirstSet and SecondSet are their data
	// sets, which may be the same.
	First, Second       Image
	FirstSet, SecondSet *Dataset
	// Distance is the root mean square difference of their pixels in grey
	// levels (0 to 255); 0 for exact copies.
	Distance float64
}

// maxDuplicateDistance keeps the search fast. At larger distances every image has
// neighbours that are merely similar.
const maxDuplicateDistance = 20

// Duplicates finds all pairs of images in d and the other data sets whose root mean
// square pixel difference is at most distance, in grey levels from 0 to 20; 0 finds
// exact copies only. Both images of a pair may be in the same data set. The nearest
// pairs come first. A distance out of range and data without images are errors.
//
// The search misses no pair. It skips the comparison of pixels only for pairs whose
// block sums differ too much: by the Cauchy–Schwarz inequality the squared difference
// of two blocks' sums, divided by the number of pixels in a block, is at most the sum
// of the squared differences of their pixels.
func (d *Dataset) Duplicates(distance float64, others ...*Dataset) ([]Duplicate, error) {
	sets := append([]*Dataset{d}, others...)
	if !(distance >= 0 && distance <= maxDuplicateDistance) {
		return nil, fmt.Errorf("find duplicates: distance %v, want 0 to %d grey levels", distance, maxDuplicateDistance)
	}
	var all []blockSums
	for _, set := range sets {
		if err := set.check(); err != nil {
			return nil, fmt.Errorf("find duplicates: %w", err)
		}
		for i := range set.Len() {
			all = append(all, sumBlocks(set, i))
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("find duplicates: no images, want at least 1")
	}
	slices.SortStableFunc(all, func(a, b blockSums) int { return cmp.Compare(a.total, b.total) })

	// All comparisons are of sums of squares, which integers hold exactly.
	limit := int(math.Floor(distance * distance * ImagePixels))
	var pairs []Duplicate
	for i := range all {
		a := &all[i]
		for j := i + 1; j < len(all); j++ {
			b := &all[j]
			if square(b.total-a.total) > limit*ImagePixels {
				break
			}
			if a.quarterBound(b) > limit*quarterPixels || a.blockBound(b) > limit*blockPixels {
				continue
			}
			if sum := squaredDifference(a.pixels(), b.pixels(), limit); sum <= limit {
				pairs = append(pairs, newDuplicate(a, b, sum))
			}
		}
	}
	order := func(set *Dataset) int { return slices.Index(sets, set) }
	for i := range pairs {
		p := &pairs[i]
		if cmp.Or(cmp.Compare(order(p.FirstSet), order(p.SecondSet)), cmp.Compare(p.First.Index, p.Second.Index)) > 0 {
			p.First, p.Second, p.FirstSet, p.SecondSet = p.Second, p.First, p.SecondSet, p.FirstSet
		}
	}
	slices.SortFunc(pairs, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(order(a.FirstSet), order(b.FirstSet)),
			cmp.Compare(order(a.SecondSet), order(b.SecondSet)), cmp.Compare(a.First.Index, b.First.Index), cmp.Compare(a.Second.Index, b.Second.Index))
	})
	return pairs, nil
}

// Blocks of an image: 4 quarters of 14×14 pixels, 49 blocks of 4×4.
const (
	quarterPixels = ImagePixels / 4
	blockSide     = 4
	blockPixels   = blockSide * blockSide
	blocksInRow   = ImageWidth / blockSide
	blockCount    = blocksInRow * blocksInRow
)

// blockSums holds the sums of an image's pixels: of all, of quarters, of blocks.
type blockSums struct {
	set      *Dataset
	index    int
	total    int
	quarters [4]int
	blocks   [blockCount]int
}

func sumBlocks(set *Dataset, index int) blockSums {
	s := blockSums{set: set, index: index}
	for i, v := range s.pixels() {
		y, x := i/ImageWidth, i%ImageWidth
		s.total += int(v)
		s.quarters[y/(ImageHeight/2)*2+x/(ImageWidth/2)] += int(v)
		s.blocks[y/blockSide*blocksInRow+x/blockSide] += int(v)
	}
	return s
}

func (s *blockSums) pixels() []byte {
	return s.set.Images[s.index*ImagePixels : (s.index+1)*ImagePixels]
}

func (s *blockSums) quarterBound(other *blockSums) int {
	sum := 0
	for i, v := range s.quarters {
		sum += square(v - other.quarters[i])
	}
	return sum
}

func (s *blockSums) blockBound(other *blockSums) int {
	sum := 0
	for i, v := range s.blocks {
		sum += square(v - other.blocks[i])
	}
	return sum
}

// squaredDifference returns the sum of the squared differences of pixels. It stops
// when the sum exceeds the limit.
func squaredDifference(a, b []byte, limit int) int {
	sum := 0
	for start := 0; start < ImagePixels; start += ImageWidth {
		for i := start; i < start+ImageWidth; i++ {
			sum += square(int(a[i]) - int(b[i]))
		}
		if sum > limit {
			break
		}
	}
	return sum
}

func square(v int) int { return v * v }

func newDuplicate(a, b *blockSums, sum int) Duplicate {
	image := func(s *blockSums) Image {
		return Image{Pixels: s.pixels(), Label: int(s.set.Labels[s.index]), Index: s.index}
	}
	return Duplicate{
		First: image(a), Second: image(b), FirstSet: a.set, SecondSet: b.set,
		Distance: math.Sqrt(float64(sum) / ImagePixels),
	}
}
