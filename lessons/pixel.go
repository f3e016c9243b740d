package lessons

// CheckPixel checks Pixel(file, i, row, column), which finds a pixel in the bytes
// of an IDX file of images: header of 16 bytes, then image after image, row after
// row.
func CheckPixel(pixel func(file []byte, i, row, column int) byte) error {
	return checkPixel(pixel, pixelCase{images: 2, height: 28, width: 28, i: 1, row: 3, column: 5})
}

// CheckPixelFurther checks Pixel at corners, and on images that are not 28×28 and
// not square.
func CheckPixelFurther(pixel func(file []byte, i, row, column int) byte) error {
	return checkPixel(pixel,
		pixelCase{images: 3, height: 28, width: 28, i: 0, row: 0, column: 0},
		pixelCase{images: 3, height: 28, width: 28, i: 2, row: 27, column: 27},
		pixelCase{images: 3, height: 28, width: 28, i: 1, row: 0, column: 27},
		pixelCase{images: 4, height: 26, width: 30, i: 2, row: 7, column: 4},
		pixelCase{images: 4, height: 5, width: 3, i: 3, row: 4, column: 1},
	)
}

type pixelCase struct{ images, height, width, i, row, column int }

func checkPixel(pixel func(file []byte, i, row, column int) byte, cases ...pixelCase) error {
	for _, k := range cases {
		// Random bytes, so that the value tells the place with hardly any chance hit.
		random := newRandom(uint64(17 + k.width))
		content := make([]byte, k.images*k.height*k.width)
		for p := range content {
			content[p] = byte(random.Uint32())
		}
		file := idxFile(content, k.images, k.height, k.width)
		call := callOf("Pixel", file, k.i, k.row, k.column).
			showing("a file of %d images of %d×%d, %d, %d, %d", k.images, k.height, k.width, k.i, k.row, k.column)
		var got byte
		if err := call.run(func() { got = pixel(file, k.i, k.row, k.column) }); err != nil {
			return err
		}
		want := file[16+(k.i*k.height+k.row)*k.width+k.column]
		// at returns the byte at a wrong place, and where there is none the right
		// byte, which is never taken for a mistake.
		at := func(place int) byte {
			if place < 0 || place >= len(file) {
				return want
			}
			return file[place]
		}
		if got == want {
			continue
		}
		same := func(a, b byte) bool { return a == b }
		return call.wrong(got, want, "%s", likelyCause(got, same, "behind the 16 bytes of the header there are i whole images before image i, and in it row whole rows before that row",
			mistake[byte]{at((k.i*k.height+k.row)*k.width + k.column), "the header is missing; the first pixel is at byte 16"},
			mistake[byte]{at(8 + (k.i*k.height+k.row)*k.width + k.column), "a header of 8 bytes is that of the labels; three lengths take 4 + 3·4 = 16"},
			mistake[byte]{at(4 + (k.i*k.height+k.row)*k.width + k.column), "the header is 16 bytes long: 4 for the magic number and 4 for each length"},
			mistake[byte]{at(16 + (k.i*k.height+k.column)*k.width + k.row), "row and column are exchanged; the file goes row by row, so that the next column is the next byte"},
			mistake[byte]{at(16 + k.row*k.width + k.column), "this is a pixel of the first image; skip i whole images"},
			mistake[byte]{at(16 + k.i*k.height*k.width + k.row + k.column), "a row is as many bytes long as the image is wide; multiply row by the width"},
			mistake[byte]{at(16 + (k.i*28+k.row)*28 + k.column), "these images are not 28×28; read height and width from the header"},
			mistake[byte]{at(16 + k.i*k.height*k.width + k.row*k.height + k.column), "a row is as many bytes long as the image is wide, not as it is high; of the three lengths the second is the height, the third the width"},
			mistake[byte]{at(17 + (k.i*k.height+k.row)*k.width + k.column), "this is the pixel behind it; positions count from 0"},
			mistake[byte]{at(15 + (k.i*k.height+k.row)*k.width + k.column), "this is the pixel before it; positions count from 0"},
		))
	}
	return nil
}
