package fashion

import (
	"fmt"
	"image"
	"image/color"

	"fashionlab/fashion/internal/dataset"
	"fashionlab/fashion/internal/engine"
)

// The dimensions of Fashion-MNIST: every image has 28×28 grey pixels and belongs
// to one of ten classes.
const (
	ImageHeight = dataset.ImageHeight // 28
	ImageWidth  = dataset.ImageWidth  // 28
	ImagePixels = ImageHeight * ImageWidth
	NumClasses  = dataset.NumClasses // 10
)

// ClassNames holds the name of each class; the label is the position. The
// names are those of https://github.com/zalandoresearch/fashion-mnist#labels.
var ClassNames = [NumClasses]string{
	"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
	"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
}

// Dataset is a list of labelled images. Treat it as read only: other data sets may
// share its bytes, which may be a file mapped into memory. (The mapping is private,
// so a write never changes the file.)
type Dataset struct {
	Name      string // for example "Fashion-MNIST train"
	Images    []byte // Len()*ImagePixels bytes: image after image, row after row, 0 black to 255 white
	Labels    []byte // Len() bytes, each below NumClasses
	Synthetic bool   // made by Synthetic, not photographs
}

// Data is the result of [Load] and [Synthetic]: the training images and the
// held-out test images.
type Data struct {
	Train, Test *Dataset
	// Dir is the folder of the files. It is empty if the data are synthetic or
	// could be kept only in memory.
	Dir string
	// Files describes the four files in the order train images, train labels,
	// test images, test labels; empty for synthetic data.
	Files []FileInfo
}

// FileInfo describes one of the four files.
type FileInfo struct {
	Name     string // official name without .gz
	Path     string // the file that was used, plain or compressed; empty if it was not kept on disk
	SHA256   string // of the uncompressed content, hexadecimal
	Bytes    int64  // of the uncompressed content
	Verified bool   // whether the content is the official one
}

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.Labels) }

// Image returns the image at position i without copying its pixels. A position
// that does not exist is an error, which names the valid range.
func (d *Dataset) Image(i int) (Image, error) {
	if err := d.check(); err != nil {
		return Image{}, err
	}
	if d.Len() == 0 {
		return Image{}, fmt.Errorf("image %d of %s: the data set is empty", i, d.title())
	}
	if i < 0 || i >= d.Len() {
		return Image{}, fmt.Errorf("image %d of %s: want a position from 0 to %d", i, d.title(), d.Len()-1)
	}
	pixels := d.Images[i*ImagePixels : (i+1)*ImagePixels : (i+1)*ImagePixels]
	return Image{Pixels: pixels, Label: int(d.Labels[i]), Index: i}, nil
}

// All returns every image in file order.
func (d *Dataset) All() Subset {
	return Subset{Dataset: d, Indices: ascending(d.Len())}
}

// check returns an error if a data set that was assembled by hand is inconsistent.
func (d *Dataset) check() error {
	if d == nil {
		return fmt.Errorf("the data set is nil, want one from Load or Synthetic")
	}
	if len(d.Images) != len(d.Labels)*ImagePixels {
		return fmt.Errorf("%s has %d bytes of images for %d labels, want %d (%d per label)",
			d.title(), len(d.Images), len(d.Labels), len(d.Labels)*ImagePixels, ImagePixels)
	}
	return nil
}

// data returns the images and labels for the engine.
func (d *Dataset) data() engine.Data {
	return engine.Data{Images: d.Images, Labels: d.Labels, Pixels: ImagePixels, Owner: d}
}

func (d *Dataset) title() string {
	if d.Name == "" {
		return "a data set without a name"
	}
	return d.Name
}

// Image is one picture. It implements [image.Image], so the image packages of Go
// can draw and store it.
type Image struct {
	Pixels []byte // ImagePixels bytes, row after row, 0 black to 255 white; read only
	Label  int    // the class, an index into ClassNames; -1 if unknown
	Index  int    // position in its data set
}

// ClassName returns the name of the image's class, or "unknown".
func (m Image) ClassName() string {
	if m.Label < 0 || m.Label >= NumClasses {
		return "unknown"
	}
	return ClassNames[m.Label]
}

// ColorModel returns [color.GrayModel].
func (m Image) ColorModel() color.Model { return color.GrayModel }

// Bounds returns the rectangle from (0, 0) to (28, 28).
func (m Image) Bounds() image.Rectangle { return image.Rect(0, 0, ImageWidth, ImageHeight) }

// At returns the pixel in column x and row y as a [color.Gray]; black outside
// the image.
func (m Image) At(x, y int) color.Color {
	if x < 0 || x >= ImageWidth || y < 0 || y >= ImageHeight {
		return color.Gray{}
	}
	if i := y*ImageWidth + x; i < len(m.Pixels) {
		return color.Gray{Y: m.Pixels[i]}
	}
	return color.Gray{}
}
