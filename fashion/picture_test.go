package fashion

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
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

func TestAPictureThatWouldTakeGigabytesIsRefusedByItsHeader(t *testing.T) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]uint32{{maxPictureSide + 1, 1}, {1, maxPictureSide + 1}, {1 << 30, 1 << 30}} {
		content := bytes.Clone(small.Bytes())
		header := content[12:29] // "IHDR", width, height and five bytes; its checksum follows
		binary.BigEndian.PutUint32(header[4:], size[0])
		binary.BigEndian.PutUint32(header[8:], size[1])
		binary.BigEndian.PutUint32(content[29:], crc32.ChecksumIEEE(header))
		path := filepath.Join(t.TempDir(), "large.png")
		testfiles.Write(t, path, content)
		if _, err := ReadPNG(path); err == nil || !strings.Contains(err.Error(), "large.png") {
			t.Errorf("%d×%d pixels: error %v, want one that names the file", size[0], size[1], err)
		}
	}
}

func FuzzReadPNGNeverPanicsOrReturnsPartOfAnImage(f *testing.F) {
	transparent := image.NewPaletted(image.Rect(0, 0, 3, 70), color.Palette{color.Transparent, color.White})
	for _, picture := range []image.Image{
		image.NewGray(image.Rect(0, 0, ImageWidth, ImageHeight)), image.NewNRGBA64(image.Rect(0, 0, 1, 1)), transparent,
	} {
		var content bytes.Buffer
		if err := png.Encode(&content, picture); err != nil {
			f.Fatal(err)
		}
		f.Add(content.Bytes())
		f.Add(content.Bytes()[:content.Len()-20])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		config, err := png.DecodeConfig(bytes.NewReader(content))
		if err == nil && config.Width <= maxPictureSide && config.Height <= maxPictureSide && config.Width*config.Height > 1<<20 {
			t.Skip("a large picture is read as a small one is, but takes seconds")
		}
		path := filepath.Join(t.TempDir(), "fuzz.png")
		testfiles.Write(t, path, content)
		read, err := ReadPNG(path)
		if err == nil && (len(read.Pixels) != ImagePixels || read.Label != -1) {
			t.Errorf("returned %d pixels and the label %d", len(read.Pixels), read.Label)
		}
		if err != nil && !strings.Contains(err.Error(), "fuzz.png") {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}
