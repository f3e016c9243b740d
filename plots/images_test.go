package plots

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
)

func gridTiles() []Tile {
	names := []string{"T-shirt/top", "Trouser", "Ankle boot", "Bag"}
	labels := []int{0, 1, 9, 8}
	tiles := make([]Tile, 25)
	for i := range tiles {
		tiles[i] = Tile{Image: garment(i), Title: fmt.Sprintf("%d %s", labels[i%4], names[i%4])}
	}
	return tiles
}

func markedTiles() []Tile {
	return []Tile{
		{Image: garment(0), Title: "T-shirt/top", Mark: Right},
		{Image: garment(2), Title: "Sneaker\nnot Ankle boot", Mark: Wrong},
		{Image: garment(3), Title: "Bag", Mark: Right},
		{Image: garment(1), Title: "Trouser"},
	}
}

func TestGridLooksAsBefore(t *testing.T) {
	figure, err := Grid("Training images", 5, 5, gridTiles())
	checkGolden(t, "grid", figure, err)
}

func TestGridWithMarksLooksAsBefore(t *testing.T) {
	figure, err := Grid("", 2, 3, markedTiles())
	checkGolden(t, "grid_marks", figure, err)
}

func TestPictureLooksAsBefore(t *testing.T) {
	figure, err := Picture("9 Ankle boot", garment(2))
	checkGolden(t, "picture", figure, err)
}

func TestGridRejectsInvalidArguments(t *testing.T) {
	small := Tile{Image: image.NewGray(image.Rect(0, 0, 8, 8))}
	for what, f := range map[string]func() (*Figure, error){
		"no tiles":        func() (*Figure, error) { return Grid("", 5, 5, nil) },
		"too many tiles":  func() (*Figure, error) { return Grid("", 2, 2, gridTiles()) },
		"no rows":         func() (*Figure, error) { return Grid("", 0, 5, gridTiles()) },
		"a missing image": func() (*Figure, error) { return Grid("", 1, 1, []Tile{{Title: "x"}}) },
		"an empty image":  func() (*Figure, error) { return Grid("", 1, 1, []Tile{{Image: image.NewGray(image.Rectangle{})}}) },
		"two sizes":       func() (*Figure, error) { return Grid("", 1, 2, []Tile{{Image: garment(0)}, small}) },
		"an unknown mark": func() (*Figure, error) { return Grid("", 1, 1, []Tile{{Image: garment(0), Mark: 7}}) },
		"a nil picture":   func() (*Figure, error) { return Picture("", nil) },
	} {
		figure, err := f()
		wantError(t, what, figure, err, nil)
	}
}

func TestPNGHasTwiceTheSizeAndSaysSo(t *testing.T) {
	figure, err := Picture("", garment(2))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := figure.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b.Bytes(), []byte("pHYs"))
	if at < 0 {
		t.Fatal("the PNG has no pHYs chunk")
	}
	if perMetre := binary.BigEndian.Uint32(b.Bytes()[at+4:]); perMetre != 7559 {
		t.Errorf("the PNG has %d pixels per metre, want 7559, which is 192 per inch", perMetre)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	width, height := figure.Size()
	if got := img.Bounds().Size(); got != image.Pt(2*width, 2*height) {
		t.Errorf("the PNG has %v pixels, want twice %d×%d", got, width, height)
	}
}

// Every pixel of an image must come out as a square of one colour: nothing may
// smooth it.
func TestImagesStayPixelated(t *testing.T) {
	board := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := range 28 {
		for x := range 28 {
			board.Pix[y*28+x] = uint8(40 + 215*((x+y)%2))
		}
	}
	figure, err := Grid("", 1, 1, []Tile{{Image: board}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := figure.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[uint32]int{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, _, _, _ := img.At(x, y).RGBA()
			counts[r>>8]++
		}
	}
	const half = 28 * 28 / 2 * 6 * 6 // 3 CSS pixels, 2 PNG pixels each
	if len(counts) != 2 || counts[40] != half {
		t.Errorf("the PNG has the greys %v, want %d times 40 and the rest 255", counts, half)
	}
	var svg strings.Builder
	if err := figure.WriteSVG(&svg); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(svg.String(), "<image "); n != 1 || !strings.Contains(svg.String(), "image-rendering:pixelated") {
		t.Errorf("the SVG has %d images, want one that is marked as pixelated", n)
	}
}

func TestANilFigureIsAnErrorNotAPanic(t *testing.T) {
	var figure *Figure
	if figure.WritePNG(&bytes.Buffer{}) == nil || figure.WriteSVG(&bytes.Buffer{}) == nil || new(Figure).WriteSVG(&bytes.Buffer{}) == nil {
		t.Error("writing an empty figure succeeded")
	}
}
