package plots

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Probabilities draws an image next to a bar for each class. The length of a bar is the
// class's probability. The most probable class is the prediction; its bar is blue if the
// prediction is right, and vermillion with a cross if it is wrong. The name of the true
// class has a frame, a tick and a word; trueClass is -1 if it is unknown. names and
// probabilities must be equally long, and the probabilities must add up to 1.
func Probabilities(title string, img image.Image, names []string, probabilities []float64, trueClass int) (*Figure, error) {
	if err := checkImage("the image", img); err != nil {
		return nil, fmt.Errorf("draw probabilities: %w", err)
	}
	if len(names) > 40 {
		return nil, fmt.Errorf("draw probabilities: %d classes, want at most 40", len(names))
	}
	if err := checkProbabilities(names, probabilities, trueClass); err != nil {
		return nil, fmt.Errorf("draw probabilities: %w", err)
	}
	bars := classBars{names: names, probabilities: probabilities, trueClass: trueClass, predicted: slices.Index(probabilities, slices.Max(probabilities))}
	return bars.layout(title, img), nil
}

// classBars holds a bar for each class.
type classBars struct {
	names                []string
	probabilities        []float64
	trueClass, predicted int
}

// barPitch is the vertical distance between bars.
const barPitch = 22 * px

// note returns the word for a class: true, predicted, or both.
func (b classBars) note(i int) string {
	switch {
	case i == b.predicted && i == b.trueClass:
		return "predicted, true"
	case i == b.predicted && b.trueClass >= 0:
		return "predicted, wrong"
	case i == b.predicted:
		return "predicted"
	case i == b.trueClass:
		return "true"
	}
	return ""
}

// alternative is the text alternative.
func (b classBars) alternative(title string) string {
	var lines []string
	if title != "" {
		lines = append(lines, strings.ReplaceAll(title, "\n", " "))
	}
	for i, name := range b.names {
		line := fmt.Sprintf("  %-12s %5.1f %%", name, 100*b.probabilities[i])
		if note := b.note(i); note != "" {
			line += "  " + note
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// layout computes the sizes and returns the figure, which is drawn when it is written.
func (b classBars) layout(title string, img image.Image) *Figure {
	pixels := img.Bounds().Size()
	zoom := max(1, 196/max(pixels.X, pixels.Y))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	header := 4 * px
	if title != "" {
		header = 28 * px
	}
	body := max(barPitch*vg.Length(len(b.names)), size.Y)
	nameWidth := widest(style(textSize, true), b.names)
	return newFigure(figureWidth, body+header+2*margin, b.alternative(title), func(c draw.Canvas) {
		drawTitle(c, title)
		middle := c.Max.Y - margin - header - vg.Length(int(body/2/px))*px
		box := vg.Rectangle{Min: vg.Point{X: c.Min.X + margin, Y: middle - vg.Length(int(size.Y/2/px))*px}}
		box.Max = box.Min.Add(size)
		c.DrawImage(box, img)
		strokeRectangle(c, draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, box)
		b.draw(c, box.Max.X+26*px+nameWidth, middle)
	})
}

// draw draws the bars from x = left on, above and below y = middle.
func (b classBars) draw(c draw.Canvas, left, middle vg.Length) {
	full := c.Max.X - margin - 156*px - left // a probability of 1
	rows := barPitch * vg.Length(len(b.names))
	gridLine := draw.LineStyle{Color: gridGrey, Width: vg.Points(0.75)}
	for _, tick := range []vg.Length{0.25, 0.5, 0.75, 1} {
		c.StrokeLine2(gridLine, left+tick*full, middle-rows/2, left+tick*full, middle+rows/2)
	}
	for i := range b.names {
		b.drawBar(c, i, vg.Point{X: left, Y: middle + rows/2 - barPitch/2 - vg.Length(i)*barPitch}, full)
	}
	c.StrokeLine2(draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, left, middle-rows/2, left, middle+rows/2)
}

// drawBar draws the bar of a class from a point on, and the words at its ends.
func (b classBars) drawBar(c draw.Canvas, i int, from vg.Point, full vg.Length) {
	p, y := b.probabilities[i], from.Y
	var fill color.Color = barGrey
	if i == b.predicted {
		fill = blue
		if b.trueClass >= 0 && b.predicted != b.trueClass {
			fill = vermillion
		}
	}
	bar := vg.Rectangle{Min: vg.Point{X: from.X, Y: y - 7*px}, Max: vg.Point{X: from.X + vg.Length(min(p, 1))*full, Y: y + 7*px}}
	c.SetColor(fill)
	c.Fill(bar.Path())
	name := aligned(style(textSize, i == b.trueClass), draw.XRight, draw.YCenter)
	c.FillText(name, vg.Point{X: from.X - 8*px, Y: y}, b.names[i])
	if i == b.trueClass {
		strokeRectangle(c, draw.LineStyle{Color: ink, Width: 1.25 * px}, vg.Rectangle{
			Min: vg.Point{X: from.X - 12*px - name.Width(b.names[i]), Y: y - 9*px}, Max: vg.Point{X: from.X - 4*px, Y: y + 9*px},
		})
	}
	label, percent := style(smallSize, i == b.predicted || i == b.trueClass), fmt.Sprintf("%.1f %%", 100*p)
	at := bar.Max.X + 6*px
	c.FillText(aligned(label, draw.XLeft, draw.YCenter), vg.Point{X: at, Y: y}, percent)
	note := b.note(i)
	if note == "" {
		return
	}
	at += label.Width(percent) + 7*px
	if b.trueClass >= 0 { // otherwise it is unknown whether the prediction is right
		drawSign(c, i == b.trueClass, vg.Point{X: at + 5*px, Y: y})
		at += 15 * px
	}
	c.FillText(aligned(style(smallSize, false), draw.XLeft, draw.YCenter), vg.Point{X: at, Y: y}, note)
}

// drawSign draws a tick or a cross in the line of a text.
func drawSign(c draw.Canvas, tick bool, at vg.Point) {
	p := func(x, y vg.Length) vg.Point { return vg.Point{X: at.X + x*px, Y: at.Y + y*px} }
	if tick {
		c.StrokeLines(draw.LineStyle{Color: bluishGreen, Width: 2 * px}, []vg.Point{p(-4, 0), p(-1, -4), p(5, 4)})
		return
	}
	c.StrokeLines(draw.LineStyle{Color: vermillion, Width: 2 * px}, []vg.Point{p(-4, -4), p(4, 4)}, []vg.Point{p(-4, 4), p(4, -4)})
}
