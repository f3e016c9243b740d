package plots

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Stage is one layer of a network: its kind, such as "Conv2d", the shape of its output
// for one image, [channels height width] or [length], and its number of parameters.
type Stage struct {
	Kind       string
	Shape      []int
	Parameters int
}

// Sizes of a drawn network. A map is a square of mapPixel for each of its pixels, and there
// is one square for each mapsPerSheet channels.
const (
	mapPixel     = 2 * px
	mapsPerSheet = 4
	sheetOffset  = 2 * px // between two squares, to the right and upwards
	maxMapSide   = 32
	maxChannels  = 256
	listWidth    = 12 * px
	arrowWidth   = 30 * px
	stageLine    = 14 * px // of text
)

// Network draws a network as a chain of boxes, one for each layer that changes the shape of
// its input: feature maps are stacks of squares and lists are bars. Squares grow with the
// maps and stacks with the number of channels; a bar grows with the cube root of its length.
// The names of the layers are above their box, with layers that keep the shape, such as
// ReLU; the shape and the number of parameters are below. Boxes with parameters are blue,
// boxes without are orange. input is the shape of an image.
func Network(title string, input []int, stages ...Stage) (*Figure, error) {
	boxes, err := boxesOf(input, stages)
	if err != nil {
		return nil, fmt.Errorf("draw a network: %w", err)
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	if title != "" {
		alternative.WriteByte('\n')
	}
	for i, b := range boxes {
		before := "\n  → "
		if i == 0 {
			before = "  "
		}
		alternative.WriteString(before + strings.Join(b.kinds, ", ") + ": " + b.below()[0])
		if b.parameters > 0 {
			alternative.WriteString(", " + grouped(b.parameters) + " parameters")
		}
	}

	rows := boxRows(boxes)
	header, between := vg.Length(0), 22*px
	if title != "" {
		header = 30 * px
	}
	height := header + 2*margin - between
	for _, r := range rows {
		height += r.above + r.middle + r.below + between
	}
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		top := c.Max.Y - margin - header
		for _, r := range rows {
			x := c.Center().X - r.width/2
			level := top - r.above - r.middle/2
			for i := r.first; i < r.last; i++ {
				b := boxes[i]
				if i > 0 {
					drawArrow(c, vg.Point{X: x + 4*px, Y: level}, arrowWidth-8*px)
					x += arrowWidth
				}
				middle := vg.Point{X: x + b.width()/2, Y: level}
				b.draw(c, middle)
				above := vg.Point{X: middle.X, Y: level + r.middle/2 + 6*px}
				drawLines(c, aligned(style(smallSize, false), draw.XCenter, draw.YBottom), above, strings.Join(b.kinds, "\n"), stageLine)
				below := aligned(style(smallSize, true), draw.XCenter, draw.YTop)
				for k, line := range b.below() {
					c.FillText(below, vg.Point{X: middle.X, Y: level - r.middle/2 - 6*px - vg.Length(k)*stageLine}, line)
					below = aligned(style(smallSize, false), draw.XCenter, draw.YTop)
					below.Color = mutedInk
				}
				x += b.width()
			}
			top -= r.above + r.middle + r.below + between
		}
	}), nil
}

// networkBox is a box of the drawing, for a layer and those after it that keep its shape.
type networkBox struct {
	kinds      []string
	shape      []int
	parameters int
	fill       color.NRGBA
}

// boxesOf groups the stages into boxes, or returns an error for what cannot be drawn.
func boxesOf(input []int, stages []Stage) ([]networkBox, error) {
	if len(stages) == 0 {
		return nil, errNoValues
	}
	boxes := []networkBox{{kinds: []string{"image"}, shape: input, fill: gridGrey}}
	if err := checkShape(input); err != nil {
		return nil, fmt.Errorf("the input: %w", err)
	}
	for i, s := range stages {
		if err := checkShape(s.Shape); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i, s.Kind, err)
		}
		if s.Kind == "" || s.Parameters < 0 {
			return nil, fmt.Errorf("layer %d has the kind %q and %d parameters, want a name and 0 or more", i, s.Kind, s.Parameters)
		}
		last := &boxes[len(boxes)-1]
		if len(boxes) > 1 && fmt.Sprint(last.shape) == fmt.Sprint(s.Shape) {
			last.kinds = append(last.kinds, s.Kind)
			last.parameters += s.Parameters
			continue
		}
		boxes = append(boxes, networkBox{kinds: []string{s.Kind}, shape: s.Shape, parameters: s.Parameters})
	}
	for i := 1; i < len(boxes); i++ {
		boxes[i].fill = blend(orange, 0.45) // pooling, flattening
		if boxes[i].parameters > 0 {
			boxes[i].fill = blend(skyBlue, 0.45)
		}
	}
	return boxes, nil
}

// checkShape returns an error for a shape that is neither that of maps nor of a list.
func checkShape(shape []int) error {
	if len(shape) != 1 && len(shape) != 3 {
		return fmt.Errorf("the shape %v, want [channels height width] or [length]", shape)
	}
	for _, n := range shape {
		if n < 1 {
			return fmt.Errorf("the shape %v, want lengths of at least 1", shape)
		}
	}
	if len(shape) == 3 && (shape[0] > maxChannels || max(shape[1], shape[2]) > maxMapSide) {
		return fmt.Errorf("the shape %v, want at most %d channels and maps of %d×%d", shape, maxChannels, maxMapSide, maxMapSide)
	}
	return nil
}

// blend returns a colour mixed with white, in which it has the given share.
func blend(c color.NRGBA, share float64) color.NRGBA {
	mix := func(v uint8) uint8 { return uint8(math.Round(255 - share*(255-float64(v)))) }
	return color.NRGBA{R: mix(c.R), G: mix(c.G), B: mix(c.B), A: 0xff}
}

// below returns the lines of text below the box.
func (b networkBox) below() []string {
	shape := grouped(b.shape[0])
	if len(b.shape) == 3 {
		shape = fmt.Sprintf("%d × %d×%d", b.shape[0], b.shape[1], b.shape[2])
	}
	if b.parameters == 0 {
		return []string{shape}
	}
	return []string{shape, grouped(b.parameters), "parameters"}
}

// sheets returns the number of squares of a stack.
func (b networkBox) sheets() int { return max(1, b.shape[0]/mapsPerSheet) }

// size returns the width and height of the drawn box.
func (b networkBox) size() vg.Point {
	if len(b.shape) == 1 {
		return vg.Point{X: listWidth, Y: vg.Length(math.Round(7*math.Cbrt(float64(b.shape[0])))) * px}
	}
	stack := vg.Length(b.sheets()-1) * sheetOffset
	return vg.Point{X: vg.Length(b.shape[2])*mapPixel + stack, Y: vg.Length(b.shape[1])*mapPixel + stack}
}

// width returns the width of the box or of its text, if that is wider.
func (b networkBox) width() vg.Length {
	return max(b.size().X, widest(style(smallSize, false), b.kinds), widest(style(smallSize, true), b.below()))
}

// draw draws the box around its middle.
func (b networkBox) draw(c draw.Canvas, middle vg.Point) {
	size := b.size()
	corner := vg.Point{X: wholePixels(middle.X-size.X/2) + px/2, Y: wholePixels(middle.Y-size.Y/2) + px/2}
	sheet := size
	count := 1
	if len(b.shape) == 3 {
		count = b.sheets()
		sheet = vg.Point{X: vg.Length(b.shape[2]) * mapPixel, Y: vg.Length(b.shape[1]) * mapPixel}
	}
	for i := count - 1; i >= 0; i-- { // the hindmost first
		at := corner.Add(vg.Point{X: vg.Length(i) * sheetOffset, Y: vg.Length(i) * sheetOffset})
		path := vg.Rectangle{Min: at, Max: at.Add(sheet)}.Path()
		c.SetColor(b.fill)
		c.Fill(path)
		c.SetLineStyle(draw.LineStyle{Color: mutedInk, Width: px})
		c.Stroke(path)
	}
}

// drawArrow draws an arrow to the right that begins at a point.
func drawArrow(c draw.Canvas, from vg.Point, length vg.Length) {
	tip := vg.Point{X: from.X + length, Y: from.Y}
	line := draw.LineStyle{Color: mutedInk, Width: 1.5 * px}
	c.StrokeLine2(line, from.X, from.Y, tip.X, tip.Y)
	c.StrokeLines(line, []vg.Point{{X: tip.X - 5*px, Y: tip.Y + 4*px}, tip, {X: tip.X - 5*px, Y: tip.Y - 4*px}})
}

// boxRow holds the boxes first to last-1, side by side.
type boxRow struct {
	first, last                 int
	width, above, middle, below vg.Length
}

// boxRows breaks the boxes into rows that fit a figure. A box that is not the first has an
// arrow before it, also at the start of a row.
func boxRows(boxes []networkBox) []boxRow {
	var rows []boxRow
	for i, b := range boxes {
		w := b.width()
		if i > 0 {
			w += arrowWidth
		}
		if len(rows) == 0 || rows[len(rows)-1].width+w > figureWidth-2*margin {
			rows = append(rows, boxRow{first: i})
		}
		r := &rows[len(rows)-1]
		r.last = i + 1
		r.width += w
		r.above = max(r.above, vg.Length(len(b.kinds))*stageLine+6*px)
		r.middle = max(r.middle, b.size().Y)
		r.below = max(r.below, vg.Length(len(b.below()))*stageLine+6*px)
	}
	return rows
}
