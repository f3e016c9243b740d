package fashion

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"

	"golang.org/x/image/draw"
)

// maxPictureSide limits the size of pictures that ReadPNG accepts, in pixels: a
// small file could otherwise need gigabytes of memory.
const maxPictureSide = 10000

// ReadPNG reads a PNG file and turns it into an image like those of Fashion-MNIST: 28×28
// grey pixels, a light garment on black. A picture of another size is scaled and centred
// on its background. A picture is inverted if the mean grey of its border is above 127.
// The Label is -1. A file that is not a complete PNG picture, or has more than 10,000
// pixels a side, is an error.
func ReadPNG(path string) (Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return Image{}, err
	}
	defer file.Close()
	config, err := png.DecodeConfig(file)
	if err != nil {
		return Image{}, fmt.Errorf("%s is not a PNG picture: %w", path, err)
	}
	if config.Width > maxPictureSide || config.Height > maxPictureSide {
		return Image{}, fmt.Errorf("%s: %d×%d pixels, want at most %d a side", path, config.Width, config.Height, maxPictureSide)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return Image{}, err
	}
	picture, err := png.Decode(file)
	if err != nil {
		return Image{}, fmt.Errorf("%s is a damaged PNG picture: %w", path, err)
	}
	return FromPicture(picture), nil
}

// FromPicture turns a picture of any size into an image; see ReadPNG.
func FromPicture(picture image.Image) Image {
	bounds := picture.Bounds()
	flat := image.NewGray(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	// Transparent pixels become white, as on a page.
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), picture, bounds.Min, draw.Over)
	background := borderMean(flat)
	small := image.NewGray(image.Rect(0, 0, ImageWidth, ImageHeight))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.Gray{Y: background}), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(small, fitted(bounds.Dx(), bounds.Dy()), flat, flat.Bounds(), draw.Src, nil)
	if bounds.Dx() == ImageWidth && bounds.Dy() == ImageHeight {
		small = flat
	}
	if background > 127 {
		for i, v := range small.Pix {
			small.Pix[i] = 255 - v
		}
	}
	return Image{Pixels: small.Pix, Label: -1}
}

// fitted returns the place of a picture of the given size in 28×28 pixels, with the
// ratio of its sides unchanged.
func fitted(width, height int) image.Rectangle {
	longest := max(width, height, 1)
	w, h := max(1, width*ImageWidth/longest), max(1, height*ImageHeight/longest)
	left, top := (ImageWidth-w)/2, (ImageHeight-h)/2
	return image.Rect(left, top, left+w, top+h)
}

// borderMean returns the mean grey of the outermost pixels.
func borderMean(g *image.Gray) uint8 {
	width, height := g.Bounds().Dx(), g.Bounds().Dy()
	sum, count := 0, 0
	for y := range height {
		for x := range width {
			if y == 0 || y == height-1 || x == 0 || x == width-1 {
				sum += int(g.GrayAt(x, y).Y)
				count++
			}
		}
	}
	return uint8(sum / max(count, 1))
}
