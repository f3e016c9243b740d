package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// scene returns a picture of w×h pixels with a garment, a rectangle, on a background.
func scene(w, h int, background, garment color.Color, place image.Rectangle) *image.NRGBA {
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(p, p.Rect, image.NewUniform(background), image.Point{}, draw.Src)
	draw.Draw(p, place, image.NewUniform(garment), image.Point{}, draw.Src)
	return p
}

func encoded(t testing.TB, p image.Image) []byte {
	t.Helper()
	var content bytes.Buffer
	if err := png.Encode(&content, p); err != nil {
		t.Fatal(err)
	}
	return content.Bytes()
}

func TestTheGarmentIsLightOnBlackWhateverItsColoursAre(t *testing.T) {
	place := image.Rect(30, 20, 90, 80)
	for name, c := range map[string]struct{ background, garment color.Color }{
		"black on white":         {color.White, color.Black},
		"white on black":         {color.Black, color.White},
		"white on grey":          {color.Gray{100}, color.White},
		"black on grey":          {color.Gray{100}, color.Black},
		"cream on white":         {color.White, color.RGBA{255, 253, 208, 255}},
		"ivory on white":         {color.White, color.RGBA{255, 255, 240, 255}},
		"red on equal green":     {color.RGBA{0, 86, 0, 255}, color.RGBA{169, 0, 0, 255}},
		"white on nothing":       {color.Transparent, color.White},
		"black on nothing":       {color.Transparent, color.Black},
		"white on hidden colour": {color.NRGBA{255, 0, 0, 0}, color.White},
		"16 bits":                {color.Gray16{0xFFFF}, color.Gray16{0x1234}},
	} {
		pixels, done, err := Prepare(scene(200, 100, c.background, c.garment, place))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if lightest := slices.Max(pixels); lightest < 230 {
			t.Errorf("%s: the lightest pixel is %d; done: %q", name, lightest, done)
		}
		if first := done[slices.IndexFunc(done, func(s string) bool { return strings.HasPrefix(s, "trimmed") })]; first != "trimmed to 60×60" {
			t.Errorf("%s: %q", name, done)
		}
	}
}

func TestTheOddPixelOfAMarginIsAtTheLeftAndAtTheTop(t *testing.T) {
	for _, c := range []struct{ w, h, left, top int }{{25, 28, 2, 0}, {28, 25, 0, 2}, {28, 14, 0, 7}} {
		p := scene(300, 300, color.White, color.Black, image.Rect(50, 60, 50+4*c.w, 60+4*c.h))
		pixels, done, err := Prepare(p)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]byte, Side*Side)
		for y := c.top; y < c.top+c.h; y++ {
			for x := c.left; x < c.left+c.w; x++ {
				want[y*Side+x] = 255
			}
		}
		if !bytes.Equal(pixels, want) {
			t.Errorf("%d×%d: not at column %d, row %d; done: %q", c.w, c.h, c.left, c.top, done)
		}
	}
}

func TestBlankPicturesAreAnError(t *testing.T) {
	noise := image.NewGray(image.Rect(0, 0, 300, 200))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = clamp(180 + 3*random.NormFloat64())
	}
	dust := scene(300, 200, color.White, color.Black, image.Rect(50, 50, 51, 52))
	for name, p := range map[string]image.Image{
		"white": image.NewUniform(color.White), "black": image.NewGray(image.Rect(0, 0, 50, 50)),
		"transparent": image.NewNRGBA(image.Rect(0, 0, 50, 50)), "black 28×28": image.NewGray(image.Rect(0, 0, 28, 28)), "noise": noise, "dust": dust,
	} {
		if u, ok := p.(*image.Uniform); ok {
			p = scene(50, 50, u.C, u.C, image.Rectangle{})
		}
		if _, done, err := Prepare(p); err == nil || !strings.Contains(err.Error(), "blank") {
			t.Errorf("%s: error %v (done %q), want one that says that the picture is blank", name, err, done)
		}
	}
}

func TestNoiseOfACameraIsNoGarment(t *testing.T) {
	p := scene(400, 300, color.Gray{190}, color.Gray{40}, image.Rect(100, 50, 300, 250))
	random := rand.New(rand.NewPCG(3, 4))
	for i := range p.Pix {
		if i%4 < 3 {
			p.Pix[i] = clamp(float64(p.Pix[i]) + 6*random.NormFloat64())
		}
	}
	_, done, err := Prepare(p)
	if err != nil || !slices.Contains(done, "trimmed to 200×200") {
		t.Errorf("done %q, error %v, want the picture trimmed to 200×200", done, err)
	}
}

func TestSizesBeyondTheLimitsAreErrorsBeforeThePixelsAreRead(t *testing.T) {
	small := encoded(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	deep := encoded(t, image.NewNRGBA64(image.Rect(0, 0, 1, 1)))
	for _, c := range []struct {
		content []byte
		w, h    uint32
		says    string
	}{
		{small, maxSide + 1, 1, "16385×1 pixels"}, {small, 1, maxSide + 1, "want at most"}, {small, 1 << 30, 1 << 30, "overflow"},
		{small, 8000, 7000, "50 million"}, {deep, 6000, 5000, "25 million"}, {small, 7, 7, "at least 8"}, {small, 1, 1, "at least 8"},
	} {
		content := bytes.Clone(c.content)
		header := content[12:29] // "IHDR", width, height and five bytes; its checksum follows
		binary.BigEndian.PutUint32(header[4:], c.w)
		binary.BigEndian.PutUint32(header[8:], c.h)
		binary.BigEndian.PutUint32(content[29:], crc32.ChecksumIEEE(header))
		if _, _, err := Read(content); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%d×%d pixels: error %v, want %q", c.w, c.h, err, c.says)
		}
	}
	tiny := scene(3000, 3000, color.White, color.Black, image.Rect(0, 0, 20, 20).Add(image.Pt(1000, 1000)))
	if _, _, err := Prepare(tiny); err == nil || !strings.Contains(err.Error(), "move closer") {
		t.Errorf("a garment of 20 of 3000 pixels: error %v", err)
	}
}

func TestFilesThatAreNoPicturesAreRefusedWithTheFormatsThatAreRead(t *testing.T) {
	whole := encoded(t, scene(50, 50, color.White, color.Black, image.Rect(10, 10, 40, 40)))
	for name, c := range map[string]struct{ content, says string }{
		"nothing": {"", "empty"}, "text": {"no picture", formats}, "cut": {string(whole[:len(whole)-20]), "damaged png"},
		"HEIC": {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC"}, "a header alone": {string(whole[:20]), "damaged"},
		"a JPEG's beginning": {"\xFF\xD8\xFF\xE0", "damaged"}, "WebP's beginning": {"RIFF\x04\x00\x00\x00WEBPVP8X", "damaged"},
	} {
		if _, _, err := Read([]byte(c.content)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q", name, err, c.says)
		}
	}
}

func TestTheSharpeningKernelIsThatOfImageMagick(t *testing.T) {
	// -sharpen 1x1: exp(-r²/2) around, twice the sum of all in the middle, over their sum; a
	// single pixel of 100 on 50 shows the weights: 1.6609 in the middle, -0.1028 beside it.
	p := image.NewRGBA(image.Rect(0, 0, 5, 5))
	for i := range p.Pix {
		p.Pix[i] = 50
	}
	p.SetRGBA(2, 2, color.RGBA{100, 100, 100, 100})
	s := sharpen(p)
	for _, c := range []struct {
		x, y int
		want uint8
	}{{2, 2, 133}, {1, 2, 45}, {1, 1, 47}, {0, 0, 50}} {
		if got := s.RGBAAt(c.x, c.y).R; got != c.want {
			t.Errorf("pixel %d, %d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
}

func FuzzReadNeverPanicsOrReturnsPartOfAnImage(f *testing.F) {
	transparent := image.NewPaletted(image.Rect(0, 0, 3, 70), color.Palette{color.Transparent, color.White})
	for _, p := range []image.Image{image.NewGray(image.Rect(0, 0, Side, Side)), image.NewNRGBA64(image.Rect(0, 0, 1, 1)), transparent} {
		content := encoded(f, p)
		f.Add(content)
		f.Add(content[:len(content)-20])
	}
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x1AExif\x00\x00MM\x00\x2A\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(content)); err == nil && config.Width*config.Height > 1<<20 {
			t.Skip("a large picture is read as a small one is, but takes seconds")
		}
		pixels, _, err := Read(content)
		if err == nil && len(pixels) != Side*Side {
			t.Errorf("returned %d pixels", len(pixels))
		}
		if o := orientation(content); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

func TestOnlyAnOrientationFrom1To8InTheFirstDirectoryCounts(t *testing.T) {
	const bigEndian, littleEndian = "MM\x00\x2A\x00\x00\x00\x08", "II\x2A\x00\x08\x00\x00\x00"
	for tiff, want := range map[string]int{
		bigEndian + "\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00":                                                    6,
		littleEndian + "\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x08\x00\x00\x00":                                                 8,
		littleEndian + "\x02\x00\x00\x01\x03\x00\x01\x00\x00\x00\x03\x00\x00\x00\x12\x01\x03\x00\x01\x00\x00\x00\x05\x00\x00\x00": 5,
		littleEndian + "\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x09\x00\x00\x00":                                                 1,
		littleEndian + "\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x00\x00\x00\x00":                                                 1,
		littleEndian + "\x01\x00\x12\x01":                                                                                         1,
		littleEndian + "\xFF\xFF":                                                                                                 1,
		littleEndian:                                                                                                              1,
		"II\x2A\x00\xFF\xFF\xFF\xFF\x00\x00":                                                                                      1,
		"":                                                                                                                        1,
		"MM\x00\x2A\x7F\xFF\xFF\xFF\x00\x01\x01":                                                                                  1,
	} {
		if got := orientationOf([]byte(tiff)); got != want {
			t.Errorf("%q: orientation %d, want %d", tiff, got, want)
		}
	}
}

func TestAWebPPictureLargerThanItsCanvasIsRefused(t *testing.T) {
	plain := testfiles.Read(t, filepath.Join("testdata", "0-white.webp"))
	canvas := "VP8X\x0A\x00\x00\x00" + "\x00\x00\x00\x00" + "\x0F\x00\x00" + "\x0F\x00\x00" // 16×16
	content := slices.Concat(plain[:12], []byte(canvas), plain[12:])
	binary.LittleEndian.PutUint32(content[4:], uint32(len(content)-8))
	if _, _, err := Read(plain); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(content); err == nil || !strings.Contains(err.Error(), "on a canvas of 16×16") {
		t.Errorf("error %v", err)
	}
}

func TestAProgressiveJPEGHasHalfTheLimit(t *testing.T) {
	for kind, want := range map[string]bool{"progressive.jpg": true, "colour.jpg": false, "white.png": false} {
		if got := isProgressive(testfiles.Read(t, filepath.Join("testdata", "0-"+kind))); got != want {
			t.Errorf("%s: progressive: %v", kind, got)
		}
	}
	size := image.Config{ColorModel: color.YCbCrModel, Width: 7000, Height: 5000}
	if checkSize(size, false) != nil || checkSize(size, true) == nil {
		t.Error("35 million pixels are to be read, but not from a progressive JPEG")
	}
}
