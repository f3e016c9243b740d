// Package picture turns a picture of a garment into 28×28 grey pixels as the makers of
// Fashion-MNIST did it. It has no state and no computing library, so it can also be
// compiled to WebAssembly.
//
// The makers' steps (Xiao, Rasul, Vollgraf 2017, https://arxiv.org/abs/1708.07747, section 2):
// margins whose colour is within 5% of the corners' are trimmed; the longest edge is resized
// to 28 by subsampling; the pixels are sharpened with a Gaussian operator of radius and standard
// deviation 1.0; the shortest edge is extended to 28 with the garment in the centre; the
// intensities are negated; the result is 8-bit grey. They had thumbnails of 51×73 pixels with a
// white background. Other pictures are first made like these: see [Prepare].
package picture

import (
	"errors"
	"fmt"
	"image"

	"golang.org/x/image/draw"
)

const (
	// Side is the number of pixels of each edge of the result.
	Side = 28
	// thumbnail is the longest edge of the makers' pictures.
	thumbnail = 73
	// analysed is the longest edge at which the background is looked for: margins may take most
	// of a picture, and averaging to this size removes a camera's noise.
	analysed = 800
)

// Read turns the content of a picture's file (JPEG, PNG, GIF or WebP) into 28×28 grey
// values, row by row, a light garment on black. It obeys the orientation tag. The second
// result says what was done, in order, such as "trimmed to 210×300" and "inverted". A
// file that is no such picture, a picture beyond the limits on size, and one that shows only
// its background are errors.
func Read(content []byte) (pixels []byte, done []string, err error) {
	picture, err := decode(content)
	if err != nil {
		return nil, nil, err
	}
	return prepare(picture, orientation(content))
}

// Prepare is [Read] for a picture in memory.
//
// The background is the median colour near the corners. The background of a transparent
// picture is white, or black for a light garment, which would vanish on white. A picture of
// more than 73 pixels is reduced to the size of the makers' by averaging. The grey values are
// scaled so that the background becomes 0; for a white background this is the makers' negation,
// and for one that is darker than the garment nothing is negated. If no contrast remains,
// because a garment is about as light as the background, the distance between their colours
// counts, stretched. A picture of 28×28 pixels is not trimmed, scaled or sharpened, and one on a dark
// background is returned as it is.
func Prepare(picture image.Image) (pixels []byte, done []string, err error) {
	config := image.Config{ColorModel: picture.ColorModel(), Width: picture.Bounds().Dx(), Height: picture.Bounds().Dy()}
	if err := checkSize(config, false); err != nil {
		return nil, nil, err
	}
	return prepare(picture, upright)
}

func prepare(picture image.Image, orientation int) (pixels []byte, done []string, err error) {
	note := func(format string, args ...any) { done = append(done, fmt.Sprintf(format, args...)) }
	size := picture.Bounds().Size()
	reduced, factor := reduce(picture, analysed)
	reduced = turned(reduced, orientation)
	if orientation != upright {
		note("turned by its orientation tag")
		if orientation >= 5 {
			size.X, size.Y = size.Y, size.X
		}
	}
	ready := size == image.Pt(Side, Side)
	c, transparent := opaque(reduced)
	if transparent != "" {
		note("put on %s", transparent)
	}
	garment, found := c.garment()
	if !found {
		return nil, nil, errors.New("the picture is blank: it shows no garment that differs from the background near its corners")
	}
	if ready && (c.background.luma() <= 127) {
		grey := image.NewGray(c.Rect)
		draw.Draw(grey, grey.Rect, c, image.Point{}, draw.Src)
		note("kept as it is: 28×28 pixels on a dark background")
		return grey.Pix, done, nil
	}
	shown := c.RGBA
	if !ready {
		if garment != c.Rect {
			outer := image.Rect(garment.Min.X*factor, garment.Min.Y*factor, garment.Max.X*factor, garment.Max.Y*factor).Intersect(image.Rectangle{Max: size})
			note("trimmed to %d×%d", outer.Dx(), outer.Dy())
		}
		if longest := max(garment.Dx(), garment.Dy()); longest < minSide {
			return nil, nil, fmt.Errorf("the garment has %d×%d of the picture's %d×%d pixels; move closer, or cut the picture out", garment.Dx()*factor, garment.Dy()*factor, size.X, size.Y)
		}
		w, h := fitted(garment.Dx(), garment.Dy(), Side)
		shown = sharpen(subsample(thumb(c.SubImage(garment).(*image.RGBA)), w, h))
		note("scaled to %d×%d", w, h)
	}
	grey, how := intensities(shown, c.background)
	done = append(done, how...)
	return centred(grey, shown.Rect.Dx(), shown.Rect.Dy()), done, nil
}

// centred returns 28×28 black pixels with the given ones in the centre.
func centred(grey []byte, w, h int) []byte {
	pixels := make([]byte, Side*Side)
	// An odd pixel is at the left and at the top, as in 5,011 of 5,036 such test images.
	left, top := (Side-w+1)/2, (Side-h+1)/2
	for y := range h {
		copy(pixels[(top+y)*Side+left:], grey[y*w:][:w])
	}
	return pixels
}
