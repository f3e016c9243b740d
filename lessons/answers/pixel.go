package answers

import (
	"fashionlab/lessons"
	"fmt"
)

func visiblePixel() []lessons.Case {
	return each(pixelCaseOf, pixelCase{images: 2, height: 28, width: 28, i: 1, row: 3, column: 5})
}

// CheckPixelFurther checks Pixel at corners, and on images that are not 28×28 and
// not square.
func CheckPixelFurther(pixel func(file []byte, i, row, column int) byte) error {
	return check("Pixel", pixel, pixelCaseOf,
		pixelCase{images: 3, height: 28, width: 28, i: 0, row: 0, column: 0},
		pixelCase{images: 3, height: 28, width: 28, i: 2, row: 27, column: 27},
		pixelCase{images: 3, height: 28, width: 28, i: 1, row: 0, column: 27},
		pixelCase{images: 4, height: 26, width: 30, i: 2, row: 7, column: 4},
		pixelCase{images: 4, height: 5, width: 3, i: 3, row: 4, column: 1},
	)
}

type pixelCase struct{ images, height, width, i, row, column int }

// pixelCaseOf is a call, with the right result and those of typical mistakes.
func pixelCaseOf(k pixelCase) lessons.Case {
	// Random bytes, so that the value tells the place with hardly any chance hit.
	random := newRandom(uint64(17 + k.width))
	content := make([]byte, k.images*k.height*k.width)
	for p := range content {
		content[p] = byte(random.Uint32())
	}
	file := idxFile(content, k.images, k.height, k.width)
	want := file[16+(k.i*k.height+k.row)*k.width+k.column]
	// at returns the byte at a wrong place, and where there is none the right
	// byte, which is never taken for a mistake.
	at := func(place int) byte {
		if place < 0 || place >= len(file) {
			return want
		}
		return file[place]
	}
	causes := []lessons.Cause{
		lessons.Gives(at((k.i*k.height+k.row)*k.width+k.column), "the header is missing; the first pixel is at byte 16"),
		lessons.Gives(at(8+(k.i*k.height+k.row)*k.width+k.column), "a header of 8 bytes is that of the labels; three lengths take 4 + 3·4 = 16"),
		lessons.Gives(at(4+(k.i*k.height+k.row)*k.width+k.column), "the header is 16 bytes long: 4 for the magic number and 4 for each length"),
		lessons.Gives(at(16+(k.i*k.height+k.column)*k.width+k.row), "row and column are exchanged; the file goes row by row, so that the next column is the next byte"),
		lessons.Gives(at(16+k.row*k.width+k.column), "this is a pixel of the first image; skip i whole images"),
		lessons.Gives(at(16+k.i*k.height*k.width+k.row+k.column), "a row is as many bytes long as the image is wide; multiply `row` by the width"),
		lessons.Gives(at(16+(k.i*28+k.row)*28+k.column), "these images are not 28×28; read height and width from the header"),
		lessons.Gives(at(16+k.i*k.height*k.width+k.row*k.height+k.column), "a row is as many bytes long as the image is wide, not as it is high; of the three lengths the second is the height, the third the width"),
		lessons.Gives(at(17+(k.i*k.height+k.row)*k.width+k.column), "this is the pixel after it; positions count from 0"),
		lessons.Gives(at(15+(k.i*k.height+k.row)*k.width+k.column), "this is the pixel before it; positions count from 0"),
		lessons.Otherwise("image `i` begins `i` whole images after the 16 bytes of the header, and the pixel is `row` whole rows and `column` bytes further on"),
	}
	c := lessons.One(want, causes, file, k.i, k.row, k.column)
	c.Shown = fmt.Sprintf("a file of %d images of %d×%d, %d, %d, %d", k.images, k.height, k.width, k.i, k.row, k.column)
	return c
}
