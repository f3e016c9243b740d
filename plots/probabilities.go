package plots

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Probabilities draws an image beside a bar for each class, as long as the
// probability that a model gives to it. The most probable class is the
// prediction; its bar is blue if it is right and vermillion, with a cross, if it
// is wrong. The true class is marked by a framed name, a tick and a word; pass
// -1 if it is unknown. names and probabilities must be equally long, and the
// probabilities must add up to 1.
func Probabilities(title string, img image.Image, names []string, probabilities []float64, trueClass int) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw probabilities: "+format, args...)
	}
	if err := checkImage("the image", img); err != nil {
		return fail("%w", err)
	}
	if len(names) > 40 {
		return fail("%d classes, expected at most 40", len(names))
	}
	if err := checkProbabilities(names, probabilities, trueClass); err != nil {
		return fail("%w", err)
	}
	predicted := 0
	for i, p := range probabilities {
		if p > probabilities[predicted] {
			predicted = i
		}
	}

	var alternative strings.Builder
	if title != "" {
		alternative.WriteString(strings.ReplaceAll(title, "\n", " ") + "\n")
	}
	notes := make([]string, len(names))
	for i, name := range names {
		switch {
		case i == predicted && i == trueClass:
			notes[i] = "predicted, true"
		case i == predicted && trueClass >= 0:
			notes[i] = "predicted, wrong"
		case i == predicted:
			notes[i] = "predicted"
		case i == trueClass:
			notes[i] = "true"
		}
		fmt.Fprintf(&alternative, "  %-12s %5.1f %%", name, 100*probabilities[i])
		if notes[i] != "" {
			alternative.WriteString("  " + notes[i])
		}
		if i < len(names)-1 {
			alternative.WriteByte('\n')
		}
	}

	const pitch = 22 * px
	pixels := img.Bounds().Size()
	zoom := max(1, 196/max(pixels.X, pixels.Y))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	header := 4 * px
	if title != "" {
		header = 28 * px
	}
	body := max(pitch*vg.Length(len(names)), size.Y)
	nameWidth := vg.Length(0)
	for _, name := range names {
		nameWidth = max(nameWidth, style(textSize, true).Width(name))
	}
	height := body + header + 2*margin
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		top := c.Max.Y - margin - header
		if title != "" {
			c.FillText(aligned(style(titleSize, true), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y - margin}, title)
		}
		middle := top - vg.Length(int(body/2/px))*px
		box := vg.Rectangle{Min: vg.Point{X: c.Min.X + margin, Y: middle - vg.Length(int(size.Y/2/px))*px}}
		box.Max = box.Min.Add(size)
		c.DrawImage(box, img)
		strokeRectangle(c, draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, box)

		left := box.Max.X + 26*px + nameWidth
		full := c.Max.X - margin - 156*px - left // a probability of 1
		rows := pitch * vg.Length(len(names))
		first := middle + rows/2 - pitch/2
		gridLine := draw.LineStyle{Color: gridGrey, Width: vg.Points(0.75)}
		for _, tick := range []vg.Length{0.25, 0.5, 0.75, 1} {
			c.StrokeLine2(gridLine, left+tick*full, middle-rows/2, left+tick*full, middle+rows/2)
		}
		for i, p := range probabilities {
			y := first - vg.Length(i)*pitch
			var fill color.Color = barGrey
			if i == predicted {
				fill = blue
				if trueClass >= 0 && predicted != trueClass {
					fill = vermillion
				}
			}
			bar := vg.Rectangle{Min: vg.Point{X: left, Y: y - 7*px}, Max: vg.Point{X: left + vg.Length(min(p, 1))*full, Y: y + 7*px}}
			c.SetColor(fill)
			c.Fill(bar.Path())
			nameStyle := aligned(style(textSize, i == trueClass), draw.XRight, draw.YCenter)
			c.FillText(nameStyle, vg.Point{X: left - 8*px, Y: y}, names[i])
			if i == trueClass {
				w := nameStyle.Width(names[i])
				strokeRectangle(c, draw.LineStyle{Color: ink, Width: 1.25 * px}, vg.Rectangle{
					Min: vg.Point{X: left - 12*px - w, Y: y - 9*px}, Max: vg.Point{X: left - 4*px, Y: y + 9*px},
				})
			}
			label := style(smallSize, i == predicted || i == trueClass)
			at := bar.Max.X + 6*px
			c.FillText(aligned(label, draw.XLeft, draw.YCenter), vg.Point{X: at, Y: y}, fmt.Sprintf("%.1f %%", 100*p))
			if notes[i] != "" {
				at += label.Width(fmt.Sprintf("%.1f %%", 100*p)) + 7*px
				if trueClass >= 0 { // else nobody knows whether it is right
					drawSign(c, i == trueClass, vg.Point{X: at + 5*px, Y: y})
					at += 15 * px
				}
				c.FillText(aligned(style(smallSize, false), draw.XLeft, draw.YCenter), vg.Point{X: at, Y: y}, notes[i])
			}
		}
		c.StrokeLine2(draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, left, middle-rows/2, left, middle+rows/2)
	}), nil
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
