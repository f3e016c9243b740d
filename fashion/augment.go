package fashion

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"fashionlab/fashion/internal/random"
)

// Augmentation is a random change of a training image, for Training.Augment and Augment. The
// choices depend only on the seed, the image's position in its data set and the epoch: not on
// the order of the images, the batches, the backend or its devices. The functions that return
// one set the fields that it has.
type Augmentation struct {
	// Name is "RandomHorizontalFlip", "AlternatingFlip", "RandomShift" or "RandomErasing".
	Name string `json:"name"`
	// P is the probability with which an image is changed.
	P float64 `json:"p,omitempty"`
	// Pixels is the largest shift, and Mode the values that come in from beyond the edges.
	Pixels int    `json:"pixels,omitempty"`
	Mode   string `json:"mode,omitempty"`
	// Scale and Ratio are the ranges of the erased rectangle's share of the image and of its
	// height divided by its width. Value is that of its pixels, from 0, black, to 1.
	Scale [2]float64 `json:"scale,omitzero"`
	Ratio [2]float64 `json:"ratio,omitzero"`
	Value float64    `json:"value,omitempty"`
}

// RandomHorizontalFlip mirrors an image with probability p, as torchvision's RandomHorizontalFlip(p).
func RandomHorizontalFlip(p float64) Augmentation {
	return Augmentation{Name: "RandomHorizontalFlip", P: p}
}

// AlternatingFlip mirrors a random half of the images in the epochs 0, 2, 4, …, and the other
// half in the epochs between, so that two epochs have each image both ways. It is that of
// Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, https://arxiv.org/abs/2404.00498.
func AlternatingFlip() Augmentation { return Augmentation{Name: "AlternatingFlip"} }

// RandomShift moves an image by -n to n pixels to the right, and by as many down, each number with
// the same probability. The pixels that come in from beyond the edges are black with the mode
// "zeros", and mirrored at the edges with "reflect", as those of PaddingMode. It is torchvision's
// RandomCrop(28, padding=n, padding_mode=…), where "zeros" is "constant".
func RandomShift(n int, mode string) Augmentation {
	return Augmentation{Name: "RandomShift", Pixels: n, Mode: mode}
}

// RandomCrop is torchvision's RandomCrop(28, padding): it pads an image with black pixels and
// cuts 28×28 pixels out, which is RandomShift(padding, "zeros").
func RandomCrop(padding int) Augmentation { return RandomShift(padding, "zeros") }

// RandomErasing replaces a rectangle of an image with probability p. It is torchvision's
// RandomErasing(p), with its defaults for the fields Scale, Ratio and Value: 0.02 to 0.33, 0.3
// to 3.3 and 0; see Zhong and others, "Random Erasing Data Augmentation", 2017,
// https://arxiv.org/abs/1708.04896.
func RandomErasing(p float64) Augmentation {
	return Augmentation{Name: "RandomErasing", P: p, Scale: [2]float64{0.02, 0.33}, Ratio: [2]float64{0.3, 3.3}}
}

// String returns the augmentation as torchvision prints a transform.
func (a Augmentation) String() string {
	switch a.Name {
	case "RandomHorizontalFlip":
		return fmt.Sprintf("%s(p=%g)", a.Name, a.P)
	case "RandomShift":
		return fmt.Sprintf("%s(%d, padding_mode=%s)", a.Name, a.Pixels, a.Mode)
	case "RandomErasing":
		return fmt.Sprintf("%s(p=%g, scale=(%g, %g), ratio=(%g, %g), value=%g)", a.Name, a.P, a.Scale[0], a.Scale[1], a.Ratio[0], a.Ratio[1], a.Value)
	}
	return a.Name + "()"
}

// augmentationText lists augmentations for messages.
func augmentationText(list []Augmentation) string {
	if len(list) == 0 {
		return "none"
	}
	var texts []string
	for _, a := range list {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ", ")
}

// Check returns an error if the name is not that of an augmentation, or if a field is outside
// of its range.
func (a Augmentation) Check() error {
	within := func(low, x, high float64) bool { return low <= x && x <= high } // false for NaN
	switch a.Name {
	case "RandomHorizontalFlip", "AlternatingFlip":
	case "RandomShift":
		return checkShift(a.Pixels, a.Mode)
	case "RandomErasing":
		if !within(0, a.Scale[0], a.Scale[1]) || !within(0, a.Scale[1], 1) {
			return fmt.Errorf("augmentation %v: scale from %g to %g, want a range from 0 to 1", a, a.Scale[0], a.Scale[1])
		}
		if !(a.Ratio[0] > 0) || !within(a.Ratio[0], a.Ratio[1], math.MaxFloat64) {
			return fmt.Errorf("augmentation %v: ratio from %g to %g, want a range above 0", a, a.Ratio[0], a.Ratio[1])
		}
		if !within(0, a.Value, 1) {
			return fmt.Errorf("augmentation %v: value %g, want 0 to 1", a, a.Value)
		}
	default:
		return fmt.Errorf("augmentation %q, want RandomHorizontalFlip, AlternatingFlip, RandomShift or RandomErasing", a.Name)
	}
	if !within(0, a.P, 1) {
		return fmt.Errorf("augmentation %v: p is %g, want 0 to 1", a, a.P)
	}
	return nil
}

func checkAugmentations(list []Augmentation) error {
	for _, a := range list {
		if err := a.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Augment returns the images of a batch as Fit trains on them in an epoch (counted from 0) with
// the given seed and augmentations, which it applies in their order. It is for a look at the
// images, and for a training loop of your own. The given batch does not change. A batch without
// an index for each image is an error.
func Augment(batch Batch, epoch int, seed uint64, augmentations ...Augmentation) (Batch, error) {
	if err := batch.check(); err != nil {
		return Batch{}, fmt.Errorf("augment: %w", err)
	}
	if len(batch.Indices) != batch.Len() {
		return Batch{}, fmt.Errorf("augment: the batch has %d indices for %d images, want one for each", len(batch.Indices), batch.Len())
	}
	if err := checkAugmentations(augmentations); err != nil {
		return Batch{}, fmt.Errorf("augment: %w", err)
	}
	batch.Images = slices.Clone(batch.Images)
	if change := changeBy(augmentations, epoch, seed); change != nil {
		for i, index := range batch.Indices {
			change(index, batch.Images[i*ImagePixels:(i+1)*ImagePixels])
		}
	}
	return batch, nil
}

// changeBy returns what augmentations do in an epoch to the pixels of the image at a position of
// the data set, or nil without augmentations. It runs on the host, where the bytes of a batch
// are gathered: that takes less than a hundredth of a step, and gives the same images on all
// backends, whatever the number of devices, with the same graph as without augmentation.
func changeBy(augmentations []Augmentation, epoch int, seed uint64) func(index int32, pixels []byte) {
	if len(augmentations) == 0 {
		return nil
	}
	return func(index int32, pixels []byte) {
		draw := random.New(seed, random.Augmentation, uint64(epoch)<<32|uint64(index))
		for _, a := range augmentations {
			switch a.Name {
			case "RandomHorizontalFlip":
				if draw.Unit() < a.P {
					flip(pixels)
				}
			case "AlternatingFlip":
				half := random.New(seed, random.AlternatingFlip, uint64(index)).Below(2)
				if half == uint64(epoch)%2 {
					flip(pixels)
				}
			case "RandomShift":
				span := uint64(2*a.Pixels + 1)
				right, down := int(draw.Below(span))-a.Pixels, int(draw.Below(span))-a.Pixels
				shift(pixels, right, down, a.Mode)
			case "RandomErasing":
				if draw.Unit() < a.P {
					a.erase(pixels, draw)
				}
			}
		}
	}
}

// flip mirrors an image.
func flip(pixels []byte) {
	for row := range slices.Chunk(pixels, ImageWidth) {
		slices.Reverse(row)
	}
}

// shift moves an image to the right and down, or, by negative numbers, to the left and up.
func shift(pixels []byte, right, down int, mode string) {
	original := [ImagePixels]byte(pixels)
	for y := range ImageHeight {
		row := pixels[y*ImageWidth : (y+1)*ImageWidth]
		origin := shiftOrigin(y-down, ImageHeight, mode)
		if origin < 0 {
			clear(row)
			continue
		}
		from := original[origin*ImageWidth : (origin+1)*ImageWidth]
		copy(row[max(right, 0):], from[max(-right, 0):])
		for x := range max(right, -right) { // the columns that come in
			if right < 0 {
				x = ImageWidth - 1 - x
			}
			row[x] = 0
			if origin := shiftOrigin(x-right, ImageWidth, mode); origin >= 0 {
				row[x] = from[origin]
			}
		}
	}
}

// shiftOrigin returns the row or column whose values are at a position that may lie beyond the
// edges, or -1 for zeros.
func shiftOrigin(at, size int, mode string) int {
	switch {
	case at >= 0 && at < size:
		return at
	case mode != "reflect":
		return -1
	case at < 0:
		return -at
	}
	return 2*(size-1) - at
}

func checkShift(pixels int, mode string) error {
	if mode != "zeros" && mode != "reflect" {
		return fmt.Errorf("shift with mode %q, want zeros or reflect", mode)
	}
	if pixels < 0 || pixels >= ImageWidth {
		return fmt.Errorf("shift by %d pixels, want 0 to %d", pixels, ImageWidth-1)
	}
	return nil
}

// erase replaces a rectangle, which it draws by the rule of torchvision's
// RandomErasing.get_params: the first of ten that is smaller than the image in both directions.
func (a Augmentation) erase(pixels []byte, draw *random.Source) {
	uniform := func(low, high float64) float64 { return low + draw.Unit()*(high-low) }
	for range 10 {
		area := ImagePixels * uniform(a.Scale[0], a.Scale[1])
		ratio := math.Exp(uniform(math.Log(a.Ratio[0]), math.Log(a.Ratio[1])))
		height, width := int(math.RoundToEven(math.Sqrt(area*ratio))), int(math.RoundToEven(math.Sqrt(area/ratio)))
		if height >= ImageHeight || width >= ImageWidth {
			continue
		}
		top, left := int(draw.Below(uint64(ImageHeight-height+1))), int(draw.Below(uint64(ImageWidth-width+1)))
		eraseRectangle(pixels, top, left, height, width, a.Value)
		return
	}
}

// eraseRectangle is torchvision.transforms.functional.erase with a value from 0 to 1.
func eraseRectangle(pixels []byte, top, left, height, width int, value float64) {
	for y := top; y < top+height; y++ {
		for x := left; x < left+width; x++ {
			pixels[y*ImageWidth+x] = byte(math.Round(255 * value))
		}
	}
}
