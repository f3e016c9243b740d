package plots

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// svgEnlargement is the number of times that a pixel is repeated in each direction in an
// SVG. Repeated pixels need almost no space after compression.
const svgEnlargement = 4

// maxImageSide is the largest side of an image, in pixels.
const maxImageSide = 512

// checkImage returns an error for an image that cannot be drawn. name is its name in the
// error.
func checkImage(name string, img image.Image) error {
	if img == nil {
		return fmt.Errorf("%s is nil, want an image", name)
	}
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 || size.X > maxImageSide || size.Y > maxImageSide {
		return fmt.Errorf("%s has %d×%d pixels, want 1 to %d in each direction", name, size.X, size.Y, maxImageSide)
	}
	return nil
}

// enlarge repeats each pixel factor times in each direction. The result for a grey image or
// one with a palette is of the same kind, which makes the PNG small.
func enlarge(img image.Image, factor int) image.Image {
	from := img.Bounds()
	to := image.Rect(0, 0, from.Dx()*factor, from.Dy()*factor)
	var out draw.Image
	if indexed, ok := img.(*image.Paletted); ok {
		large := image.NewPaletted(to, indexed.Palette)
		for y := range to.Dy() {
			for x := range to.Dx() {
				large.SetColorIndex(x, y, indexed.ColorIndexAt(from.Min.X+x/factor, from.Min.Y+y/factor))
			}
		}
		return large
	}
	if img.ColorModel() == color.GrayModel {
		out = image.NewGray(to)
	} else {
		out = image.NewNRGBA(to)
	}
	for y := range to.Dy() {
		for x := range to.Dx() {
			out.Set(x, y, img.At(from.Min.X+x/factor, from.Min.Y+y/factor))
		}
	}
	return out
}

// sharpCanvas is gonum's raster canvas without its interpolation, which would blur images.
type sharpCanvas struct {
	*vgimg.Canvas
}

// DrawImage enlarges img to whole pixels of the canvas.
func (c *sharpCanvas) DrawImage(at vg.Rectangle, img image.Image) {
	factor := int(at.Size().X.Dots(c.DPI())/float64(img.Bounds().Dx()) + 0.5)
	c.Canvas.DrawImage(at, enlarge(img, max(factor, 1)))
}

// flattened returns the picture with a palette if it has few colours, which makes the file
// smaller. Figures cover their whole canvas, so there are no transparent pixels.
func (c *sharpCanvas) flattened() image.Image {
	from, ok := c.Image().(*image.RGBA)
	if !ok {
		return c.Image()
	}
	indices := map[color.RGBA]uint8{}
	var palette color.Palette
	indexed := image.NewPaletted(from.Rect, nil)
	var last color.RGBA // most neighbours are equal, which saves look-ups
	var index uint8
	for y := from.Rect.Min.Y; y < from.Rect.Max.Y; y++ {
		for x := from.Rect.Min.X; x < from.Rect.Max.X; x++ {
			if pixel := from.RGBAAt(x, y); pixel != last || palette == nil {
				known := false
				if index, known = indices[pixel]; !known {
					if len(palette) == 256 {
						return from
					}
					index = uint8(len(palette))
					indices[pixel] = index
					palette = append(palette, pixel)
				}
				last = pixel
			}
			indexed.Pix[indexed.PixOffset(x, y)] = index
		}
	}
	indexed.Palette = palette
	return indexed
}
