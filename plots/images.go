package plots

import (
	"errors"
	"fmt"
	"image"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Mark shows whether a prediction is right. Marks differ in shape and in colour.
type Mark int

// The marks of a tile.
const (
	NoMark Mark = iota // nothing
	Right              // a tick
	Wrong              // a cross and a dashed frame
)

// A Tile is one image of a grid.
type Tile struct {
	Image image.Image
	Title string // shown above the image; "\n" starts a new line
	Mark  Mark
}

// Grid draws small images in rows and columns, row by row, each below its title. There
// must be at least one tile and at most rows×columns; the places after the last tile are
// empty. All images must have the same size, such as 28×28. title is above the whole
// grid; it may be empty.
func Grid(title string, rows, columns int, tiles []Tile) (*Figure, error) {
	if rows < 1 || columns < 1 || columns > 10 {
		return nil, fmt.Errorf("draw a grid of images: %d rows and %d columns, want at least 1 row and 1 to 10 columns", rows, columns)
	}
	if len(tiles) == 0 || len(tiles) > rows*columns {
		return nil, fmt.Errorf("draw a grid of images: %d images for %d×%d places, want 1 to %d", len(tiles), rows, columns, rows*columns)
	}
	lines := 0
	marked := vg.Length(0) // room for a mark between title and image
	for i, tile := range tiles {
		if err := checkImage(fmt.Sprintf("image %d", i), tile.Image); err != nil {
			return nil, fmt.Errorf("draw a grid of images: %w", err)
		}
		if got, want := tile.Image.Bounds().Size(), tiles[0].Image.Bounds().Size(); got != want {
			return nil, fmt.Errorf("draw a grid of images: image %d has %d×%d pixels, want %d×%d as image 0", i, got.X, got.Y, want.X, want.Y)
		}
		if tile.Mark < NoMark || tile.Mark > Wrong {
			return nil, fmt.Errorf("draw a grid of images: image %d has the mark %d, want NoMark, Right or Wrong", i, tile.Mark)
		}
		if tile.Title != "" {
			lines = max(lines, strings.Count(tile.Title, "\n")+1)
		}
		if tile.Mark != NoMark {
			marked = 8 * px
		}
	}
	pixels := tiles[0].Image.Bounds().Size()
	const gap = 14 * px
	lineHeight := 15 * px
	// The largest whole number of CSS pixels per image pixel that fits, but at most 3:
	// 25 images of 28×28 then fit the height of a screen.
	room := float64((figureWidth-2*margin-vg.Length(columns-1)*gap)/px) / float64(columns)
	zoom := min(3, max(1, int(room)/pixels.X))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	// Titles such as "1 Trouser" may be wider than the image: columns share the width.
	pitch := vg.Point{
		X: max(size.X+gap, vg.Length(int((figureWidth-2*margin)/px)/columns)*px),
		Y: size.Y + vg.Length(lines)*lineHeight + marked + gap,
	}
	pitch.X = min(pitch.X, size.X+44*px)
	used := min(rows, (len(tiles)+columns-1)/columns)
	header := vg.Length(0)
	if title != "" {
		header = 26 * px
	}
	width := pitch.X*vg.Length(columns) + 2*margin
	height := pitch.Y*vg.Length(used) + header + 2*margin - gap

	var alternative strings.Builder
	fmt.Fprintf(&alternative, "%d images in %d rows of %d", len(tiles), used, columns)
	if title != "" {
		fmt.Fprintf(&alternative, ": %s", title)
	}
	for i, tile := range tiles {
		if i%columns == 0 {
			fmt.Fprintf(&alternative, "\n  row %d: ", i/columns+1)
		} else {
			alternative.WriteString(", ")
		}
		name := strings.ReplaceAll(tile.Title, "\n", " ")
		if name == "" {
			name = "untitled"
		}
		alternative.WriteString(name + [...]string{"", " (right)", " (wrong)"}[tile.Mark])
	}

	return newFigure(width, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		titleStyle := aligned(style(smallSize, false), draw.XCenter, draw.YBottom)
		for i, tile := range tiles {
			left := c.Min.X + margin + vg.Length(i%columns)*pitch.X
			top := c.Max.Y - margin - header - vg.Length(i/columns)*pitch.Y
			x := left + vg.Length(int((pitch.X-size.X)/2/px))*px
			box := vg.Rectangle{Max: vg.Point{X: x + size.X, Y: top - vg.Length(lines)*lineHeight - marked}}
			box.Min = box.Max.Sub(size)
			c.DrawImage(box, tile.Image)
			middle := (box.Min.X + box.Max.X) / 2
			drawLines(c, titleStyle, vg.Point{X: middle, Y: box.Max.Y + marked + 3*px}, tile.Title, lineHeight)
			drawMark(c, tile.Mark, box)
		}
	}), nil
}

// drawLines draws lines of text, the last one at the given point.
func drawLines(c draw.Canvas, s draw.TextStyle, at vg.Point, text string, lineHeight vg.Length) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		c.FillText(s, vg.Point{X: at.X, Y: at.Y + vg.Length(len(lines)-1-i)*lineHeight}, line)
	}
}

// drawMark draws a frame around an image, and a tick or a cross at its upper right corner.
func drawMark(c draw.Canvas, mark Mark, box vg.Rectangle) {
	if mark == NoMark {
		return
	}
	line := draw.LineStyle{Color: bluishGreen, Width: 2 * px}
	if mark == Wrong {
		line.Color = vermillion
		line.Dashes = []vg.Length{5 * px, 3 * px}
	}
	frame := vg.Rectangle{Min: box.Min.Sub(vg.Point{X: 2 * px, Y: 2 * px}), Max: box.Max.Add(vg.Point{X: 2 * px, Y: 2 * px})}
	strokeRectangle(c, line, frame)

	const r = 8 * px
	at := vg.Point{X: box.Max.X, Y: box.Max.Y - 4*px}
	var disc vg.Path
	disc.Move(vg.Point{X: at.X + r, Y: at.Y})
	disc.Arc(at, r, 0, 2*math.Pi)
	disc.Close()
	c.SetColor(line.Color)
	c.Fill(disc)
	stroke := draw.LineStyle{Color: paper, Width: 2 * px}
	p := func(x, y vg.Length) vg.Point { return vg.Point{X: at.X + x*px, Y: at.Y + y*px} }
	if mark == Right {
		c.StrokeLines(stroke, []vg.Point{p(-4, 0), p(-1, -3), p(4, 3)})
	} else {
		c.StrokeLines(stroke, []vg.Point{p(-3, -3), p(3, 3)}, []vg.Point{p(-3, 3), p(3, -3)})
	}
}

// strokeRectangle draws the outline of a rectangle.
func strokeRectangle(c draw.Canvas, line draw.LineStyle, r vg.Rectangle) {
	c.StrokeLines(line, []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}, r.Min})
}

// Picture draws one enlarged image with its pixel numbers along both axes (0 to 27 for a
// 28×28 image; row 0 is at the top).
func Picture(title string, img image.Image) (*Figure, error) {
	if err := checkImage("the image", img); err != nil {
		return nil, fmt.Errorf("draw an image: %w", err)
	}
	pixels := img.Bounds().Size()
	zoom := max(1, 280/max(pixels.X, pixels.Y))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	header := vg.Length(0)
	if title != "" {
		header = 24 * px * vg.Length(strings.Count(title, "\n")+1)
	}
	const left, below, right = 48 * px, 42 * px, 24 * px
	width, height := size.X+left+right, size.Y+header+below+2*margin
	alternative := fmt.Sprintf("an image of %d×%d pixels", pixels.X, pixels.Y)
	if title != "" {
		alternative += ": " + strings.ReplaceAll(title, "\n", " ")
	}
	return newFigure(width, height, alternative, func(c draw.Canvas) {
		box := vg.Rectangle{Min: vg.Point{X: c.Min.X + left, Y: c.Min.Y + margin + below}}
		box.Max = box.Min.Add(size)
		if title != "" {
			drawLines(c, aligned(style(titleSize, true), draw.XCenter, draw.YBottom),
				vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: box.Max.Y + 8*px}, title, 20*px)
		}
		drawPixels(c, box, img)
	}), nil
}

// drawPixels draws an image with a frame and its pixel numbers.
func drawPixels(c draw.Canvas, box vg.Rectangle, img image.Image) {
	c.DrawImage(box, img)
	line := draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}
	strokeRectangle(c, line, box)
	pixels := img.Bounds().Size()
	size := box.Size()
	tick := 4 * px
	numbers := style(smallSize, false)
	for _, i := range pixelTicks(pixels.X) {
		x := box.Min.X + (vg.Length(i)+0.5)*size.X/vg.Length(pixels.X)
		c.StrokeLine2(line, x, box.Min.Y, x, box.Min.Y-tick)
		c.FillText(aligned(numbers, draw.XCenter, draw.YTop), vg.Point{X: x, Y: box.Min.Y - tick - 2*px}, fmt.Sprint(i))
	}
	for _, i := range pixelTicks(pixels.Y) {
		y := box.Max.Y - (vg.Length(i)+0.5)*size.Y/vg.Length(pixels.Y)
		c.StrokeLine2(line, box.Min.X, y, box.Min.X-tick, y)
		c.FillText(aligned(numbers, draw.XRight, draw.YCenter), vg.Point{X: box.Min.X - tick - 3*px, Y: y}, fmt.Sprint(i))
	}
	labels := style(smallSize, false)
	labels.Color = mutedInk
	c.FillText(aligned(labels, draw.XCenter, draw.YTop), vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: box.Min.Y - 22*px}, "column")
	vertical := aligned(labels, draw.XCenter, draw.YTop)
	vertical.Rotation = math.Pi / 2
	c.FillText(vertical, vg.Point{X: box.Min.X - 42*px, Y: (box.Min.Y + box.Max.Y) / 2}, "row")
}

// pixelTicks returns the numbered pixels of an axis: every 5th of a small image,
// and always the last one, unless its neighbour is too close.
func pixelTicks(n int) []int {
	step := 1
	for _, s := range []int{1, 5, 10, 20, 50, 100} {
		step = s
		if n/s <= 8 {
			break
		}
	}
	var ticks []int
	for i := 0; i < n; i += step {
		ticks = append(ticks, i)
	}
	if last := ticks[len(ticks)-1]; n-1-last >= (step+1)/2 || step <= 5 && n-1-last >= 2 {
		ticks = append(ticks, n-1)
	}
	return ticks
}

// errNoValues is wrapped by the errors about empty input.
var errNoValues = errors.New("there are no values, want at least one")
