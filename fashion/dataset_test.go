package fashion

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

func TestImageIsAGreyPictureThatTheStandardLibraryTakes(t *testing.T) {
	d := blank(3)
	for p := range ImagePixels {
		d.Images[ImagePixels+p] = byte(p)
	}
	m, err := d.Image(1)
	if err != nil {
		t.Fatal(err)
	}
	if m.Label != 1 || m.Index != 1 || m.ClassName() != "Trouser" {
		t.Errorf("found label %d, index %d, class %s, want 1, 1, Trouser", m.Label, m.Index, m.ClassName())
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	grey, ok := decoded.(*image.Gray)
	if !ok || !bytes.Equal(grey.Pix, m.Pixels) {
		t.Errorf("a PNG of the image came back as %T with other pixels", decoded)
	}
	// Column 3 of row 2, so that x and y cannot be mistaken for each other.
	if got := m.At(3, 2); got != (color.Gray{Y: byte(2*ImageWidth + 3)}) {
		t.Errorf("At(3, 2) is %v, want %d", got, 2*ImageWidth+3)
	}
}

func TestImageOutsideItsBoundsIsBlack(t *testing.T) {
	white := Image{Pixels: bytes.Repeat([]byte{255}, ImagePixels), Label: -1}
	for _, p := range []image.Point{{-1, 0}, {0, -1}, {28, 0}, {0, 28}} {
		if got := white.At(p.X, p.Y); got != (color.Gray{}) {
			t.Errorf("At(%d, %d) is %v, want black", p.X, p.Y, got)
		}
	}
	if got := (Image{}).At(0, 0); got != (color.Gray{}) {
		t.Errorf("an image without pixels shows %v, want black", got)
	}
	if got := white.ClassName(); got != "unknown" {
		t.Errorf("the class of label -1 is %q, want unknown", got)
	}
}

func TestImageErrorNamesTheValidRange(t *testing.T) {
	for _, i := range []int{-1, 3, 1 << 40} {
		if _, err := blank(3).Image(i); err == nil || !strings.Contains(err.Error(), "0 to 2") {
			t.Errorf("image %d: found error %v, want one that names 0 to 2", i, err)
		}
	}
	if _, err := blank(0).Image(0); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("found error %v, want one that says that the data set is empty", err)
	}
	if _, err := (&Dataset{Labels: []byte{1}}).Image(0); err == nil {
		t.Error("a label without an image was returned as one")
	}
}

func TestAllIsEveryImageInFileOrder(t *testing.T) {
	d := blank(5)
	s := d.All()
	if s.Dataset != d || s.Len() != 5 || weightedSum(s.Indices) != 0+2+6+12+20 {
		t.Errorf("found %v, want 0 to 4", s.Indices)
	}
}
