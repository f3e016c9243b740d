package plots

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Map is a matrix of numbers that is drawn as a small picture: a kernel, or the weights
// of all pixels for one class.
type Map struct {
	Title  string      // shown above it; may be empty
	Values [][]float64 // rows of equal length
}

// maxMaps is the largest number of maps in a figure.
const maxMaps = 128

// Weights draws weights as pictures, row by row. Positive weights are blue, negative ones
// vermillion, and 0 is white. All have one scale, which a bar below shows in the unit of
// the weights. The scale includes 98 % of the weights, so that a few large weights do not
// make the others pale; larger weights have the colours of its ends. All maps must have the
// same size, and there must be at most 128. The title above them may be empty.
func Weights(title string, columns int, maps ...Map) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw weights: "+format, args...)
	}
	if len(maps) == 0 {
		return fail("%w", errNoValues)
	}
	if len(maps) > maxMaps || columns < 1 || columns > 16 {
		return fail("%d maps in %d columns, want at most %d maps and 1 to 16 columns", len(maps), columns, maxMaps)
	}
	largest, titled := 0.0, false
	for i, m := range maps {
		if err := checkValues(m.Values); err != nil {
			return fail("map %d (%q): %w", i, m.Title, err)
		}
		if len(m.Values) != len(maps[0].Values) || len(m.Values[0]) != len(maps[0].Values[0]) {
			return fail("map %d has %d×%d values, want %d×%d as map 0",
				i, len(m.Values), len(m.Values[0]), len(maps[0].Values), len(maps[0].Values[0]))
		}
		low, high := extremes(m.Values)
		largest = max(largest, -low, high)
		titled = titled || m.Title != ""
	}
	scale := commonExtent(maps, largest)
	rows, wide := len(maps[0].Values), len(maps[0].Values[0])
	used := (len(maps) + columns - 1) / columns
	columns = min(columns, len(maps))

	var alternative strings.Builder
	fmt.Fprintf(&alternative, "%d maps of %d×%d weights, from %s to %s", len(maps), rows, wide, significant(-largest), significant(largest))
	if title != "" {
		fmt.Fprintf(&alternative, ": %s", title)
	}
	for i, m := range maps {
		low, high := extremes(m.Values)
		name := strings.ReplaceAll(m.Title, "\n", " ")
		if name == "" {
			name = fmt.Sprintf("map %d", i)
		}
		fmt.Fprintf(&alternative, "\n  %s: %s to %s", name, significant(low), significant(high))
	}

	const gap = 10 * px
	lineHeight := vg.Length(0)
	if titled {
		lineHeight = 18 * px
	}
	room := (figureWidth-2*margin+gap)/vg.Length(columns) - gap
	zoom := max(1, int(min(room/vg.Length(wide), 112*px/vg.Length(max(rows, wide)))/px))
	size := vg.Point{X: vg.Length(zoom*wide) * px, Y: vg.Length(zoom*rows) * px}
	pitch := vg.Point{X: size.X + gap, Y: size.Y + lineHeight + gap}
	if titled {
		pitch.X = max(pitch.X, min(room+gap, 124*px)) // titles may be wider than maps
	}
	header := vg.Length(0)
	if title != "" {
		header = 26 * px
	}
	width := max(pitch.X*vg.Length(columns)-gap+2*margin, 380*px, style(titleSize, true).Width(title)+2*margin)
	height := header + vg.Length(used)*pitch.Y + scaleHeight + 2*margin
	return newFigure(width, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		left := c.Center().X - (pitch.X*vg.Length(columns)-gap)/2
		for i, m := range maps {
			box := vg.Rectangle{Max: vg.Point{
				X: wholePixels(left+vg.Length(i%columns)*pitch.X+(pitch.X-gap-size.X)/2) + size.X,
				Y: c.Max.Y - margin - header - vg.Length(i/columns)*pitch.Y - lineHeight,
			}}
			box.Min = box.Max.Sub(size)
			c.FillText(aligned(style(smallSize, false), draw.XCenter, draw.YBottom), vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: box.Max.Y + 4*px}, m.Title)
			drawShaded(c, box, divergingImage(m.Values, scale))
		}
		lower, upper := significant(-scale), significant(scale)
		if scale < largest {
			lower, upper = "≤ "+lower, "≥ "+upper
		}
		drawScale(c, divergingPalette, vg.Point{X: c.Center().X, Y: c.Min.Y + margin}, "weight", lower, "0", upper)
	}), nil
}

// commonExtent returns the size that 98 % of the weights do not exceed, or the
// largest where that makes little difference.
func commonExtent(maps []Map, largest float64) float64 {
	var sizes []float64
	for _, m := range maps {
		for _, row := range m.Values {
			for _, v := range row {
				sizes = append(sizes, math.Abs(v))
			}
		}
	}
	slices.Sort(sizes)
	if extent := sizes[(len(sizes)-1)*98/100]; extent > 0 && extent < 0.8*largest {
		return extent
	}
	return largest
}

// drawTitle writes a figure's title at its top.
func drawTitle(c draw.Canvas, title string) {
	if title != "" {
		c.FillText(aligned(style(titleSize, true), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y - margin}, title)
	}
}

// drawShaded draws an image with a thin frame, which separates white values from the
// background.
func drawShaded(c draw.Canvas, box vg.Rectangle, img image.Image) {
	c.DrawImage(box, img)
	frame := vg.Rectangle{Min: box.Min.Sub(vg.Point{X: px / 2, Y: px / 2}), Max: box.Max.Add(vg.Point{X: px / 2, Y: px / 2})}
	strokeRectangle(c, draw.LineStyle{Color: gridDark, Width: px}, frame)
}

// gridDark is dark enough for the edge of a white area.
var gridDark = between(paper, axisGrey, math.Sqrt(0.5))
