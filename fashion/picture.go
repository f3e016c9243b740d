package fashion

import (
	"fmt"
	"image"
	"io"

	"fashionlab/fashion/internal/picture"
	"fashionlab/fashion/internal/regularfile"
)

// ReadPicture reads a JPEG, PNG, GIF or WebP file and turns it into an image like those of
// Fashion-MNIST, by the steps of the data set's makers (https://arxiv.org/abs/1708.07747,
// section 2): margins are trimmed, the longest edge is scaled to 28 pixels, the pixels are
// sharpened, the garment is put in the centre and inverted if its background is light. It follows
// the orientation tag, and puts a transparent picture on white, or on black if its
// garment is light. A picture of 28×28 pixels on a dark background is returned as it is.
//
// The image's Label is -1. done says in order what was done, for example "trimmed to 210×300".
// A file that is not such a picture, a blank picture, and a picture of more than 50 million
// pixels or 16,384 a side, or fewer than 8, are errors.
func ReadPicture(path string) (img Image, done []string, err error) {
	file, size, err := regularfile.Open(path)
	if err != nil {
		return Image{}, nil, err
	}
	defer file.Close()
	if size > picture.MaxBytes {
		return Image{}, nil, fmt.Errorf("%s: %d bytes, want at most %d; save the picture smaller", path, size, picture.MaxBytes)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return Image{}, nil, err
	}
	pixels, done, err := picture.Read(content)
	if err != nil {
		return Image{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	return Image{Pixels: pixels, Label: -1}, done, nil
}

// ReadPNG is [ReadPicture] without the description.
func ReadPNG(path string) (Image, error) {
	img, _, err := ReadPicture(path)
	return img, err
}

// FromPicture turns a picture in memory into an image; see [ReadPicture].
func FromPicture(p image.Image) (img Image, done []string, err error) {
	pixels, done, err := picture.Prepare(p)
	if err != nil {
		return Image{}, nil, err
	}
	return Image{Pixels: pixels, Label: -1}, done, nil
}
