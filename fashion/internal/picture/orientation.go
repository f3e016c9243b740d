package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientationTag is the number of EXIF's tag (Exif 2.32, 4.6.4), and upright its value for
// a picture that is stored as it is shown.
const (
	orientationTag = 0x0112
	upright        = 1
)

// orientation returns a picture's EXIF orientation, from 1 to 8. It is 1 if the file has none.
func orientation(content []byte) int {
	for marker, data := range jpegSegments(content) {
		if tiff, ok := bytes.CutPrefix(data, []byte("Exif\x00\x00")); ok && marker == 0xE1 { // APP1
			return orientationOf(tiff)
		}
	}
	for id, data := range pngChunks(content) {
		if id == "eXIf" {
			return orientationOf(data)
		}
	}
	for id, data := range riffChunks(content) {
		if id == "EXIF" {
			return orientationOf(bytes.TrimPrefix(data, []byte("Exif\x00\x00")))
		}
	}
	return upright
}

// orientationOf reads the orientation from the first directory of EXIF data, which have the
// form of a TIFF file.
func orientationOf(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	if len(tiff) < 8 {
		return upright
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+2 > int64(len(tiff)) {
		return upright
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 { // tag, type, count, value
			return upright
		}
		if order.Uint16(entries) == orientationTag {
			if value := int(order.Uint16(entries[8:])); value >= 1 && value <= 8 {
				return value
			}
			return upright
		}
		entries = entries[12:]
	}
	return upright
}

// turned returns a picture as its orientation says that it is shown.
func turned(p *image.RGBA, orientation int) *image.RGBA {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	if orientation == upright {
		return p
	}
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 { // the sides change places
		size = image.Rect(0, 0, h, w)
	}
	result := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			// Where the stored row 0 and column 0 are shown, by EXIF's table.
			from := image.Pt(x, y)
			switch orientation {
			case 2: // top, right
				from = image.Pt(w-1-x, y)
			case 3: // bottom, right
				from = image.Pt(w-1-x, h-1-y)
			case 4: // bottom, left
				from = image.Pt(x, h-1-y)
			case 5: // left, top
				from = image.Pt(y, x)
			case 6: // right, top
				from = image.Pt(y, h-1-x)
			case 7: // right, bottom
				from = image.Pt(w-1-y, h-1-x)
			case 8: // left, bottom
				from = image.Pt(w-1-y, x)
			}
			result.SetRGBA(x, y, p.RGBAAt(from.X, from.Y))
		}
	}
	return result
}
