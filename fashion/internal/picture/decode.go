package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the formats that image.Decode reads
	_ "image/jpeg"
	_ "image/png"

	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
	_ "golang.org/x/image/webp"
)

// MaxBytes limits the size of a file.
const MaxBytes = 100 << 20

const (
	// formats are the formats that are read.
	formats = "JPEG, PNG, GIF and WebP"
	// maxSide limits the size of a picture, in pixels a side: WebP's largest is 16,383.
	maxSide = 16384
	// maxPixels limits the memory for a picture. Telephones make up to 50 million pixels.
	maxPixels = 50e6
	// minSide is the shortest length of a picture's longer side. A garment with less
	// than a quarter of the network's 28 pixels shows nothing.
	minSide = 8
)

// decode reads the content of a file. Its size is checked before its pixels are read,
// because a small file can hold a picture that takes gigabytes of memory. Of an animation,
// decode returns the first picture.
func decode(content []byte) (image.Image, error) {
	if len(content) == 0 {
		return nil, errors.New("the file is empty; want a picture in one of the formats " + formats)
	}
	if len(content) > MaxBytes {
		return nil, fmt.Errorf("%d bytes, want at most %d; save the picture smaller", len(content), MaxBytes)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if errors.Is(err, image.ErrFormat) {
		if len(content) > 12 && string(content[4:8]) == "ftyp" {
			return nil, fmt.Errorf("a HEIC or AVIF picture, or a film; save it in one of the formats %s", formats)
		}
		return nil, fmt.Errorf("not a picture in one of the formats %s", formats)
	}
	if err == nil && format == "webp" {
		err = checkWebP(content, config)
	}
	if err != nil {
		return nil, fmt.Errorf("a damaged picture, or one of an uncommon kind: %w; save it again in one of the formats %s", err, formats)
	}
	if err := checkSize(config, isProgressive(content)); err != nil {
		return nil, err
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("a damaged %s picture: %w", format, err)
	}
	return picture, nil
}

// checkSize compares the size in a file's header with the limits. Pixels of 16-bit colours
// take twice the memory; a progressive JPEG is decoded by way of its coefficients, which take as
// much again.
func checkSize(config image.Config, progressive bool) error {
	limit := int(maxPixels)
	switch config.ColorModel {
	case color.RGBA64Model, color.NRGBA64Model:
		limit /= 2
	}
	if progressive {
		limit /= 2
	}
	w, h := config.Width, config.Height
	if w > maxSide || h > maxSide || w*h > limit {
		return fmt.Errorf("%d×%d pixels, want at most %d a side and %d million; save the picture smaller", w, h, maxSide, limit/1000000)
	}
	if max(w, h) < minSide || min(w, h) < 1 {
		return fmt.Errorf("%d×%d pixels, want at least %d on the longer side", w, h, minSide)
	}
	return nil
}

// checkWebP compares the size of a WebP picture's pixels with that of its canvas. The
// decoder takes the memory for the first and reports the second.
func checkWebP(content []byte, canvas image.Config) error {
	for id, chunk := range riffChunks(content) {
		var w, h int
		switch id {
		case "VP8 ":
			decoder := vp8.NewDecoder()
			decoder.Init(bytes.NewReader(chunk), len(chunk))
			header, err := decoder.DecodeFrameHeader()
			if err != nil {
				return err
			}
			w, h = header.Width, header.Height
		case "VP8L":
			config, err := vp8l.DecodeConfig(bytes.NewReader(chunk))
			if err != nil {
				return err
			}
			w, h = config.Width, config.Height
		case "ANMF":
			return errors.New("an animated WebP picture")
		default:
			continue
		}
		if w != canvas.Width || h != canvas.Height {
			return fmt.Errorf("webp: %d×%d pixels on a canvas of %d×%d", w, h, canvas.Width, canvas.Height)
		}
		return nil
	}
	return errors.New("webp: no pixels")
}

// isProgressive reports whether a file is a progressive JPEG.
func isProgressive(content []byte) bool {
	for marker := range jpegSegments(content) {
		if marker == 0xC2 { // start of a progressive frame
			return true
		}
	}
	return false
}

// jpegSegments yields the markers of a JPEG file up to its pixels, and the data of each.
func jpegSegments(content []byte) func(yield func(byte, []byte) bool) {
	return func(yield func(byte, []byte) bool) {
		if !bytes.HasPrefix(content, []byte{0xFF, 0xD8}) {
			return
		}
		for rest := content[2:]; len(rest) >= 4 && rest[0] == 0xFF; {
			if rest[1] == 0xFF { // fill byte
				rest = rest[1:]
				continue
			}
			length := int(binary.BigEndian.Uint16(rest[2:]))
			const startOfScan = 0xDA
			if length < 2 || 2+length > len(rest) || rest[1] == startOfScan || !yield(rest[1], rest[4:2+length]) {
				return
			}
			rest = rest[2+length:]
		}
	}
}

// riffChunks yields the chunks of a WebP file.
func riffChunks(content []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		if len(content) < 12 || string(content[:4]) != "RIFF" || string(content[8:12]) != "WEBP" {
			return
		}
		for rest := content[12:]; len(rest) >= 8; {
			length := int64(binary.LittleEndian.Uint32(rest[4:]))
			data := rest[8:]
			if !yield(string(rest[:4]), data[:min(length, int64(len(data)))]) {
				return
			}
			rest = data[min(length+length%2, int64(len(data))):]
		}
	}
}

// pngChunks yields the chunks of a PNG file.
func pngChunks(content []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		if !bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")) {
			return
		}
		for rest := content[8:]; len(rest) >= 12; {
			length := int64(binary.BigEndian.Uint32(rest))
			if length > int64(len(rest)-12) || !yield(string(rest[4:8]), rest[8:8+length]) {
				return
			}
			rest = rest[12+length:]
		}
	}
}
