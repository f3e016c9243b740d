package fashion

import (
	"fmt"

	"fashionlab/fashion/internal/random"
)

// maxSynthetic limits the memory that Synthetic uses to 784 MB per set.
const maxSynthetic = 1_000_000

// syntheticCentres are the centres of the spots, one for each class, on a circle with
// a radius of ten pixels around the centre of the image. They are constants, so rounding
// cannot differ between platforms.
var syntheticCentres = [NumClasses][2]int{ // column, row
	{23, 14}, {21, 19}, {17, 23}, {11, 23}, {6, 19},
	{4, 14}, {6, 8}, {11, 5}, {17, 5}, {21, 8},
}

// Synthetic makes artificial data, for tests and for experiments without the files. Every
// image has a faint spot in the centre and a bright spot whose position depends on the
// class, both shifted by up to two pixels, and noise. The classes overlap slightly; a
// softmax regression can learn them. Results on these data do not apply to
// Fashion-MNIST: Dataset.Synthetic is true, and the name contains "synthetic".
//
// Every ten consecutive images contain each class once. Equal seeds give equal images on
// every platform, and a longer set begins with the shorter one. train and test are the
// numbers of images; a number outside of 1 to 1,000,000 is an error.
func Synthetic(seed uint64, train, test int) (*Data, error) {
	for _, size := range []struct {
		name  string
		count int
	}{{"training", train}, {"test", test}} {
		if size.count < 1 || size.count > maxSynthetic {
			return nil, fmt.Errorf("synthetic data: %d %s images, want 1 to %d", size.count, size.name, maxSynthetic)
		}
	}
	return &Data{
		Train: syntheticSet(fmt.Sprintf("synthetic train (seed %d)", seed), seed, random.SyntheticTrain, train),
		Test:  syntheticSet(fmt.Sprintf("synthetic test (seed %d)", seed), seed, random.SyntheticTest, test),
	}, nil
}

func syntheticSet(name string, seed uint64, stream random.Stream, count int) *Dataset {
	d := &Dataset{
		Name:      name,
		Images:    make([]byte, count*ImagePixels),
		Labels:    make([]byte, count),
		Synthetic: true,
	}
	source := random.New(seed, stream, 0)
	var classes [NumClasses]byte
	for i := range count {
		if i%NumClasses == 0 {
			for class := range classes {
				classes[class] = byte(class)
			}
			random.Shuffle(source, classes[:])
		}
		label := classes[i%NumClasses]
		d.Labels[i] = label

		moveX, moveY := int(source.Below(5))-2, int(source.Below(5))-2
		bright := 120 + int(source.Below(80))
		centre := syntheticCentres[label]
		pixels := d.Images[i*ImagePixels : (i+1)*ImagePixels]
		for p := range pixels {
			x, y := p%ImageWidth-moveX, p/ImageWidth-moveY
			value := spot(x-centre[0], y-centre[1], bright) + spot(x-14, y-14, bright/2)
			value += int(source.Below(121)) - 60
			pixels[p] = byte(min(max(value, 0), 255))
		}
	}
	return d
}

// spot returns the brightness at (dx, dy) from the centre of a round spot. It is bright in
// the centre, and decreases with the square of the distance to 0 at 7 pixels.
func spot(dx, dy, bright int) int {
	const radius = 7
	return bright * max(radius*radius-dx*dx-dy*dy, 0) / (radius * radius)
}
