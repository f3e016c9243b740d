// Package plots draws the figures of the course from plain values: images,
// training histories, comparisons, probabilities and small matrices.
//
// Each function checks its arguments and returns a [Figure], which can be written as SVG or
// PNG. Empty, mismatched or NaN values are an error that describes them. The package does
// not depend on notebooks; package fashionlab/plots/display shows a figure in one.
package plots

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image/color"
	"image/png"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A Figure is a finished picture. It has a white background, so it is readable on light
// and dark pages.
type Figure struct {
	width, height vg.Length
	alternative   string // the text alternative
	paint         func(draw.Canvas)
}

// px is one CSS pixel, the unit of all layouts in this package. Images with a whole number
// of CSS pixels per image pixel are sharp on ordinary and on high-density screens.
const px = vg.Inch / 96

// pngDensity is the number of PNG pixels per CSS pixel, so that figures are sharp on
// high-density screens and in print.
const pngDensity = 2

// Widths of figures in CSS pixels. A notebook's text column is about 700 wide.
const (
	figureWidth = 640 * px
	margin      = 10 * px
)

// The Okabe–Ito palette, whose colours readers with colour vision deficiencies can
// distinguish: https://jfly.uni-koeln.de/color/. It is used without yellow, which is too
// light for lines on white.
var (
	black         = color.NRGBA{A: 0xff}
	orange        = color.NRGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff}
	skyBlue       = color.NRGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}
	bluishGreen   = color.NRGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}
	blue          = color.NRGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	vermillion    = color.NRGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	reddishPurple = color.NRGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff}
)

// seriesColors lists the colours of the series in order.
var seriesColors = []color.Color{blue, vermillion, bluishGreen, reddishPurple, orange, skyBlue, black}

// Greys for text, axes and grids.
var (
	ink      = color.NRGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff} // text
	mutedInk = color.NRGBA{R: 0x5a, G: 0x5a, B: 0x5a, A: 0xff} // secondary text; contrast to white 6.9
	axisGrey = color.NRGBA{R: 0x80, G: 0x80, B: 0x80, A: 0xff}
	gridGrey = color.NRGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff}
	barGrey  = color.NRGBA{R: 0x9a, G: 0x9a, B: 0x9a, A: 0xff}
	paper    = color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
)

// Text sizes. One point is 4/3 CSS pixels: 9.5 points are 12.7 pixels, slightly smaller
// than the text of a notebook.
const (
	titleSize = vg.Length(11)
	textSize  = vg.Length(9.5)
	smallSize = vg.Length(8.5)
)

// style returns the text style of all figures: gonum's Liberation Sans.
func style(size vg.Length, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = 3 // golang.org/x/image/font.WeightBold
	}
	return text.Style{
		Color:   ink,
		Font:    f,
		XAlign:  draw.XLeft,
		YAlign:  draw.YBottom,
		Handler: text.Plain{Fonts: font.DefaultCache},
	}
}

// aligned returns s with another alignment.
func aligned(s text.Style, x draw.XAlignment, y draw.YAlignment) text.Style {
	s.XAlign, s.YAlign = x, y
	return s
}

// widest returns the width of the longest text.
func widest(s text.Style, texts []string) vg.Length {
	width := vg.Length(0)
	for _, t := range texts {
		width = max(width, s.Width(t))
	}
	return width
}

// inColumns divides an area into n of equal width, side by side.
func inColumns(area draw.Canvas, n int) []draw.Canvas {
	const gap = 18 * px
	each := (area.Max.X - area.Min.X - gap*vg.Length(n-1)) / vg.Length(n)
	all := make([]draw.Canvas, n)
	for i := range all {
		all[i] = area
		all[i].Min.X += vg.Length(i) * (each + gap)
		all[i].Max.X = all[i].Min.X + each
	}
	return all
}

// newPlot returns an empty plot in the theme: a light grid, muted axes,
// sans-serif text.
func newPlot(title, xLabel, yLabel string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = paper
	p.Title.Text = title
	p.Title.TextStyle = aligned(style(titleSize, true), draw.XCenter, draw.YTop)
	p.Title.Padding = 6 * px
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		label := aligned(style(textSize, false), draw.XCenter, draw.YBottom)
		axis.Label.TextStyle = label
		axis.Color = axisGrey
		axis.LineStyle.Width = vg.Points(0.75)
		axis.Tick.Color = axisGrey
		axis.Tick.LineStyle.Width = vg.Points(0.75)
		axis.Tick.Length = 4 * px
		axis.Label.Padding = 4 * px
	}
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	p.Y.Label.TextStyle.Rotation = 0 // gonum turns the label itself
	p.X.Tick.Label = aligned(style(smallSize, false), draw.XCenter, draw.YTop)
	p.Y.Tick.Label = aligned(style(smallSize, false), draw.XRight, draw.YCenter)
	p.Legend.TextStyle = style(smallSize, false)
	return p
}

// grid returns the light grid behind the data.
func grid() *plotter.Grid {
	g := plotter.NewGrid()
	line := draw.LineStyle{Color: gridGrey, Width: vg.Points(0.75)}
	g.Vertical, g.Horizontal = line, line
	return g
}

// newFigure returns a figure that paint draws when it is written.
func newFigure(width, height vg.Length, alternative string, paint func(draw.Canvas)) *Figure {
	return &Figure{width: width, height: height, alternative: alternative, paint: paint}
}

// Size returns the intended width and height of the figure in CSS pixels (96 per inch).
func (f *Figure) Size() (width, height int) {
	return int(f.width/px + 0.5), int(f.height/px + 0.5)
}

// String returns the text alternative: the content of the figure in words and numbers, for
// readers who cannot see it and for terminals.
func (f *Figure) String() string { return f.alternative }

// draw paints the figure on a canvas of its size. gonum panics if a layout is impossible;
// draw returns that as an error.
func (f *Figure) draw(canvas vg.CanvasSizer) (err error) {
	if f == nil || f.paint == nil {
		return fmt.Errorf("draw a figure: it is empty, want one from a function of package plots")
	}
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("draw a figure: %v", problem)
		}
	}()
	c := draw.New(canvas)
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	f.paint(c)
	return nil
}

// WriteSVG writes the figure as an SVG document. It contains text as text, which can be
// selected and searched, with a fixed width in any font.
func (f *Figure) WriteSVG(w io.Writer) error {
	if f == nil {
		return (*Figure)(nil).draw(nil)
	}
	canvas := newSVGCanvas(f.width, f.height, f.alternative)
	if err := f.draw(canvas); err != nil {
		return err
	}
	if _, err := canvas.WriteTo(w); err != nil {
		return fmt.Errorf("write a figure as SVG: %w", err)
	}
	return nil
}

// WritePNG writes the figure as a PNG whose width and height in pixels are twice those of
// Size. The file contains the density (192 pixels per inch); programs that use it show the
// figure at the size that Size returns.
func (f *Figure) WritePNG(w io.Writer) error {
	if f == nil {
		return (*Figure)(nil).draw(nil)
	}
	const dpi = 96 * pngDensity
	canvas := &sharpCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(dpi))}
	if err := f.draw(canvas); err != nil {
		return err
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, canvas.flattened()); err != nil {
		return fmt.Errorf("encode a figure as PNG: %w", err)
	}
	if _, err := w.Write(withDensity(encoded.Bytes(), dpi)); err != nil {
		return fmt.Errorf("write a figure as PNG: %w", err)
	}
	return nil
}

// withDensity returns the PNG with a pHYs chunk after its header chunk. image/png cannot
// write this chunk. See https://www.w3.org/TR/png/#11pHYs.
func withDensity(encoded []byte, dpi float64) []byte {
	const headerEnd = 8 + 4 + 4 + 13 + 4 // signature, then IHDR: length, type, data, checksum
	perMetre := uint32(dpi/0.0254 + 0.5)
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1) // the unit is the metre
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	whole := make([]byte, 0, len(encoded)+len(chunk))
	whole = append(whole, encoded[:headerEnd]...)
	whole = append(whole, chunk...)
	return append(whole, encoded[headerEnd:]...)
}
