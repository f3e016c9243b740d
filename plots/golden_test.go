package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var regen = flag.Bool("regen", false, "write the golden images in testdata anew instead of comparing with them")

// checkGolden compares a figure with its golden image in testdata, and checks
// that its SVG is a well-formed document of less than 100 KB. Look at an image
// that -regen has written before committing it.
func checkGolden(t *testing.T, name string, figure *Figure, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got, svg bytes.Buffer
	if err := figure.WritePNG(&got); err != nil {
		t.Fatal(err)
	}
	if err := figure.WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	if svg.Len() > 100_000 {
		t.Errorf("the SVG has %d bytes, expected at most 100,000", svg.Len())
	}
	decoder := xml.NewDecoder(&svg)
	for {
		if _, err := decoder.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
	}
	path := filepath.Join("testdata", name+"_golden.png")
	if *regen {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test -regen and look at the image", err)
	}
	if err := sameImage(got.Bytes(), want); err != nil {
		out := filepath.Join(os.TempDir(), name+"_got.png")
		if e := os.WriteFile(out, got.Bytes(), 0o644); e != nil {
			out = e.Error()
		}
		t.Errorf("%s: %v; what was drawn: %s", path, err, out)
	}
}

// sameImage compares two PNG files with a tolerance: processors round
// differently, which moves the edges of lines by a fraction of a pixel.
func sameImage(got, want []byte) error {
	a, err := png.Decode(bytes.NewReader(got))
	if err != nil {
		return err
	}
	b, err := png.Decode(bytes.NewReader(want))
	if err != nil {
		return err
	}
	if a.Bounds() != b.Bounds() {
		return fmt.Errorf("the image has the bounds %v, expected %v", a.Bounds(), b.Bounds())
	}
	const (
		step    = 24     // of 255: a visible difference of one pixel
		allowed = 0.0005 // share of pixels that may differ visibly
	)
	different, first := 0, image.Point{}
	size := a.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			if distance(a.At(x, y), b.At(x, y)) > step {
				if different == 0 {
					first = image.Pt(x, y)
				}
				different++
			}
		}
	}
	if float64(different) > allowed*float64(size.X*size.Y) {
		return fmt.Errorf("%d of %d pixels differ, the first at %v", different, size.X*size.Y, first)
	}
	return nil
}

// distance is the largest difference of two colours' channels, 0 to 255.
func distance(a, b color.Color) int {
	p, q := color.NRGBAModel.Convert(a).(color.NRGBA), color.NRGBAModel.Convert(b).(color.NRGBA)
	d := 0
	for _, pair := range [][2]uint8{{p.R, q.R}, {p.G, q.G}, {p.B, q.B}, {p.A, q.A}} {
		d = max(d, int(pair[0])-int(pair[1]), int(pair[1])-int(pair[0]))
	}
	return d
}

// garment is a synthetic 28×28 image: a shape that depends on kind, shaded.
func garment(kind int) image.Image {
	img := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := range 28 {
		for x := range 28 {
			inside := false
			switch kind % 4 {
			case 0: // a shirt with sleeves
				inside = y > 2 && y < 26 && x > 8 && x < 19 || y > 2 && y < 10 && x > 2 && x < 25
			case 1: // trousers
				inside = y > 1 && x > 8 && x < 19 && (y < 9 || x < 13 || x > 14)
			case 2: // a boot
				inside = x > 12 && x < 22 && y > 3 && y < 24 || y > 15 && y < 24 && x > 2 && x < 22
			case 3: // a bag
				inside = y > 11 && y < 25 && x > 4 && x < 23 || (x-14)*(x-14)+(y-11)*(y-11) < 50 && (x-14)*(x-14)+(y-11)*(y-11) > 30
			}
			if inside {
				img.SetGray(x, y, color.Gray{Y: uint8(110 + (x*7+y*11+kind*31)%146)})
			}
		}
	}
	return img
}

// wantError checks that there is an error and no figure.
func wantError(t *testing.T, what string, figure *Figure, err error, is error) {
	t.Helper()
	if err == nil || figure != nil {
		t.Errorf("%s: got the figure %v and the error %v, expected an error only", what, figure, err)
	} else if is != nil && !errors.Is(err, is) {
		t.Errorf("%s: the error is %q, expected it to wrap %q", what, err, is)
	}
}
