package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/plot/cmpimg"
)

// goldenDelta is the difference of colours that an image may have from its golden image,
// 1 being black from white. Processors that round a*b+c once change some colours by one
// part of 255, which is 0.004.
const goldenDelta = 0.005

// checkGolden compares a figure with its golden image in testdata, and checks
// that its SVG is a well-formed document of less than 100 KB. The flag -regen,
// which cmpimg defines, writes new images; look at them before committing.
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
		t.Errorf("the SVG has %d bytes, want at most 100,000", svg.Len())
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
	if *cmpimg.GenerateTestData {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test -regen and look at the image", err)
	}
	if same, err := cmpimg.EqualApprox("png", got.Bytes(), want, goldenDelta); err != nil || !same {
		out := filepath.Join(os.TempDir(), name+"_got.png")
		if e := os.WriteFile(out, got.Bytes(), 0o644); e != nil {
			out = e.Error()
		}
		t.Errorf("%s: the figure looks different (error: %v); what was drawn: %s", path, err, out)
	}
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
		t.Errorf("%s: got the figure %v and the error %v, want an error only", what, figure, err)
	} else if is != nil && !errors.Is(err, is) {
		t.Errorf("%s: the error is %q, want it to wrap %q", what, err, is)
	}
}
