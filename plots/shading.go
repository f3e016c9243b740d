package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// divergingPalette goes from vermillion (−1) through white (0) to blue (1). The two ends are
// colours of the Okabe–Ito palette, made equally dark. The number of colours is odd, so the
// middle one is white.
var divergingPalette = func() color.Palette {
	var p color.Palette
	for i := range 255 {
		t := float64(i-127) / 127
		end := color.NRGBA{R: 0x00, G: 0x5c, B: 0xa0, A: 0xff}
		if t < 0 {
			end = color.NRGBA{R: 0xb8, G: 0x48, B: 0x00, A: 0xff}
		}
		p = append(p, between(paper, end, math.Abs(t)))
	}
	return p
}()

// greyPalette goes from black (0) to white (1), as the images themselves.
var greyPalette = func() color.Palette {
	var p color.Palette
	for i := range 256 {
		p = append(p, color.NRGBA{R: uint8(i), G: uint8(i), B: uint8(i), A: 0xff})
	}
	return p
}()

// between mixes two colours; t = 0 is the first.
func between(a, b color.NRGBA, t float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t + 0.5) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xff}
}

// checkValues returns an error for a matrix that cannot be shaded.
func checkValues(values [][]float64) error {
	if len(values) == 0 || len(values[0]) == 0 {
		return errNoValues
	}
	if len(values) > maxImageSide || len(values[0]) > maxImageSide {
		return fmt.Errorf("%d×%d values, want at most %d in each direction", len(values), len(values[0]), maxImageSide)
	}
	for r, row := range values {
		if len(row) != len(values[0]) {
			return fmt.Errorf("row %d has %d numbers, want %d as in row 0", r, len(row), len(values[0]))
		}
		for c, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("the value in row %d, column %d is %v, want a number", r, c, v)
			}
		}
	}
	return nil
}

// extremes returns the lowest and the highest value.
func extremes(values [][]float64) (low, high float64) {
	low, high = values[0][0], values[0][0]
	for _, row := range values {
		for _, v := range row {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// divergingImage shades values from −largest to largest.
func divergingImage(values [][]float64, largest float64) image.Image {
	largest = orOne(largest)
	return shaded(values, divergingPalette, -largest, largest)
}

// greyImage shades values from 0, black, to largest, white.
func greyImage(values [][]float64, largest float64) image.Image {
	return shaded(values, greyPalette, 0, orOne(largest))
}

// orOne returns 1 instead of 0, as the scale of values that are all 0.
func orOne(largest float64) float64 {
	if largest == 0 {
		return 1
	}
	return largest
}

// shaded turns values into colours of a palette, from the first for low to the last for
// high.
func shaded(values [][]float64, palette color.Palette, low, high float64) image.Image {
	img := image.NewPaletted(image.Rect(0, 0, len(values[0]), len(values)), palette)
	for y, row := range values {
		for x, v := range row {
			t := min(max((v-low)/(high-low), 0), 1)
			img.SetColorIndex(x, y, uint8(math.Round(t*float64(len(palette)-1))))
		}
	}
	return img
}

// scaleHeight is the height that drawScale needs.
const scaleHeight = 34 * px

// drawScale draws the colours of a palette in a bar, centred above the given
// point, with labels from its left end to its right.
func drawScale(c draw.Canvas, palette color.Palette, bottom vg.Point, unit string, labels ...string) {
	const width, height = 200 * px, 10 * px
	bar := image.NewPaletted(image.Rect(0, 0, len(palette), 1), palette)
	for i := range palette {
		bar.SetColorIndex(i, 0, uint8(i))
	}
	box := vg.Rectangle{Min: vg.Point{X: bottom.X - width/2, Y: bottom.Y + 18*px}}
	box.Max = box.Min.Add(vg.Point{X: width, Y: height})
	c.DrawImage(box, bar)
	strokeRectangle(c, draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}, box)
	text := style(smallSize, false)
	for i, label := range labels {
		x := box.Min.X + width*vg.Length(i)/vg.Length(max(len(labels)-1, 1))
		c.FillText(aligned(text, draw.XCenter, draw.YTop), vg.Point{X: x, Y: box.Min.Y - 3*px}, label)
	}
	c.FillText(aligned(text, draw.XLeft, draw.YCenter), vg.Point{X: box.Max.X + 24*px, Y: (box.Min.Y + box.Max.Y) / 2}, unit)
}

// significant writes a number with two or three significant digits and a minus sign (−).
func significant(v float64) string {
	s := fmt.Sprintf("%.3g", v)
	if math.Abs(v) >= 1000 && math.Abs(v) < 1e6 {
		s = fmt.Sprintf("%.0f", v)
	}
	if v < 0 {
		s = "−" + s[1:]
	}
	return s
}
