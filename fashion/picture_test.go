package fashion

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writePicture(t *testing.T, picture image.Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.png")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAPictureOfTheDataSetsSizeIsTakenAsItIs(t *testing.T) {
	data, err := Synthetic(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	original, err := data.Train.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadPNG(writePicture(t, original))
	if err != nil {
		t.Fatal(err)
	}
	if string(read.Pixels) != string(original.Pixels) || read.Label != -1 {
		t.Error("the picture is not what was written, or its label is known")
	}
}

func TestADarkGarmentOnWhiteIsInvertedAndCentred(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 200, 100))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for y := 40; y < 60; y++ {
		for x := 80; x < 120; x++ {
			picture.SetGray(x, y, color.Gray{})
		}
	}
	read, err := ReadPNG(writePicture(t, picture))
	if err != nil {
		t.Fatal(err)
	}
	if corner := read.Pixels[0]; corner > 5 {
		t.Errorf("the background is %d, want black", corner)
	}
	if middle := read.Pixels[14*ImageWidth+14]; middle < 250 {
		t.Errorf("the garment is %d, want white", middle)
	}
}

func TestFilesThatAreNoPicturesAreRefused(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.png")
	if err := os.WriteFile(text, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(writePicture(t, image.NewGray(image.Rect(0, 0, 50, 50))))
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.png")
	if err := os.WriteFile(cut, whole[:len(whole)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{text: "not a PNG", cut: "damaged", filepath.Join(dir, "none.png"): "none.png"} {
		if _, err := ReadPNG(path); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: %v, want the file's name and %q", path, err, says)
		}
	}
}
