package plots

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// svgCanvas is a gonum canvas that writes SVG.
//
// gonum's own SVG canvas (vgsvg) is not used: it names only the Liberation fonts without a
// fallback, text in another font may be wider than its place, and viewers may blur small
// images. This canvas sets the width of every text, so labels fit in any font, and marks
// images as pixelated.
type svgCanvas struct {
	width, height vg.Length
	out           bytes.Buffer
	stack         []svgState
	failed        error
}

// svgState is the state that Push saves. Coordinates are gonum's (y upwards, in points)
// until a shape is written.
type svgState struct {
	color  color.Color
	line   vg.Length
	dashes []vg.Length
	offset vg.Length
	matrix [6]float64 // x' = m0 x + m2 y + m4, y' = m1 x + m3 y + m5
}

// svgFonts lists the fonts for text: the font of the layout, then fonts with the same
// widths, then the viewer's default.
const svgFonts = "Liberation Sans, Arimo, Arial, Helvetica, sans-serif"

// newSVGCanvas starts a document; label is the text alternative of the picture.
func newSVGCanvas(width, height vg.Length, label string) *svgCanvas {
	c := &svgCanvas{width: width, height: height}
	// The unit inside is the CSS pixel, y downwards.
	scale := 1 / float64(px)
	c.stack = []svgState{{
		color:  color.Black,
		line:   vg.Points(1),
		matrix: [6]float64{scale, 0, 0, -scale, 0, float64(height) * scale},
	}}
	w, h := number(float64(width)*scale), number(float64(height)*scale)
	fmt.Fprintf(&c.out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-label="%s" font-family="%s">`+"\n",
		w, h, w, h, html.EscapeString(strings.Join(strings.Fields(label), " ")), svgFonts)
	return c
}

// number formats a coordinate with two decimals at most, which is finer than a
// screen shows.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

func (c *svgCanvas) state() *svgState         { return &c.stack[len(c.stack)-1] }
func (c *svgCanvas) Size() (x, y vg.Length)   { return c.width, c.height }
func (c *svgCanvas) SetLineWidth(w vg.Length) { c.state().line = w }
func (c *svgCanvas) SetColor(clr color.Color) { c.state().color = clr }
func (c *svgCanvas) Push()                    { c.stack = append(c.stack, *c.state()) }
func (c *svgCanvas) Pop()                     { c.stack = c.stack[:len(c.stack)-1] }
func (c *svgCanvas) Translate(p vg.Point)     { c.multiply(1, 0, 0, 1, float64(p.X), float64(p.Y)) }
func (c *svgCanvas) Scale(x, y float64)       { c.multiply(x, 0, 0, y, 0, 0) }
func (c *svgCanvas) SetLineDash(d []vg.Length, offset vg.Length) {
	c.state().dashes, c.state().offset = d, offset
}

func (c *svgCanvas) Rotate(radians float64) {
	sin, cos := math.Sincos(radians)
	c.multiply(cos, sin, -sin, cos, 0, 0)
}

// multiply puts another transformation before the current one.
func (c *svgCanvas) multiply(a, b, cc, d, e, f float64) {
	m := c.state().matrix
	c.state().matrix = [6]float64{
		m[0]*a + m[2]*b, m[1]*a + m[3]*b,
		m[0]*cc + m[2]*d, m[1]*cc + m[3]*d,
		m[0]*e + m[2]*f + m[4], m[1]*e + m[3]*f + m[5],
	}
}

// point returns the place of p in the document.
func (c *svgCanvas) point(p vg.Point) (x, y float64) {
	m, px, py := c.state().matrix, float64(p.X), float64(p.Y)
	return m[0]*px + m[2]*py + m[4], m[1]*px + m[3]*py + m[5]
}

// scale returns the factor of lengths.
func (c *svgCanvas) scale() float64 {
	m := c.state().matrix
	return math.Sqrt(math.Abs(m[0]*m[3] - m[1]*m[2]))
}

func (c *svgCanvas) Stroke(path vg.Path) {
	s := c.state()
	if s.line <= 0 {
		return
	}
	rgb, opacity := svgColor(s.color)
	fmt.Fprintf(&c.out, `<path d="%s" fill="none" stroke="%s" stroke-width="%s"`, c.path(path), rgb, number(float64(s.line)*c.scale()))
	if opacity != "" {
		fmt.Fprintf(&c.out, ` stroke-opacity="%s"`, opacity)
	}
	if len(s.dashes) > 0 {
		lengths := make([]string, len(s.dashes))
		for i, d := range s.dashes {
			lengths[i] = number(float64(d) * c.scale())
		}
		fmt.Fprintf(&c.out, ` stroke-dasharray="%s"`, strings.Join(lengths, " "))
		if s.offset != 0 {
			fmt.Fprintf(&c.out, ` stroke-dashoffset="%s"`, number(float64(s.offset)*c.scale()))
		}
	}
	c.out.WriteString("/>\n")
}

func (c *svgCanvas) Fill(path vg.Path) {
	rgb, opacity := svgColor(c.state().color)
	fmt.Fprintf(&c.out, `<path d="%s" fill="%s"`, c.path(path), rgb)
	if opacity != "" {
		fmt.Fprintf(&c.out, ` fill-opacity="%s"`, opacity)
	}
	c.out.WriteString("/>\n")
}

// path returns the path data. Arcs become short lines: figures have no circles
// but small marks, for which 32 sides are round enough.
func (c *svgCanvas) path(path vg.Path) string {
	var b strings.Builder
	add := func(command string, points ...vg.Point) {
		b.WriteString(command)
		for i, p := range points {
			x, y := c.point(p)
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(number(x) + "," + number(y))
		}
	}
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			add("M", part.Pos)
		case vg.LineComp:
			add("L", part.Pos)
		case vg.ArcComp:
			sides := int(math.Ceil(math.Abs(part.Angle) / (2 * math.Pi) * 32))
			for i := 0; i <= sides; i++ {
				command := "L"
				if i == 0 && b.Len() == 0 {
					command = "M"
				}
				sin, cos := math.Sincos(part.Start + part.Angle*float64(i)/float64(max(sides, 1)))
				add(command, vg.Point{X: part.Pos.X + part.Radius*vg.Length(cos), Y: part.Pos.Y + part.Radius*vg.Length(sin)})
			}
		case vg.CurveComp:
			if len(part.Control) == 1 {
				add("Q", part.Control[0], part.Pos)
			} else {
				add("C", part.Control[0], part.Control[1], part.Pos)
			}
		case vg.CloseComp:
			b.WriteByte('Z')
		}
	}
	return b.String()
}

// FillString writes text. textLength is its width in the font of the layout: a viewer
// without that font squeezes or stretches the text to this width.
func (c *svgCanvas) FillString(face font.Face, at vg.Point, text string) {
	if face.Font.Size == 0 || strings.TrimSpace(text) == "" {
		return
	}
	x, y := c.point(at)
	rgb, _ := svgColor(c.state().color)
	fmt.Fprintf(&c.out, `<text x="%s" y="%s" font-size="%s" textLength="%s" lengthAdjust="spacingAndGlyphs" fill="%s"`,
		number(x), number(y), number(float64(face.Font.Size)*c.scale()), number(float64(face.Width(text))*c.scale()), rgb)
	if face.Font.Weight > 0 {
		c.out.WriteString(` font-weight="bold"`)
	}
	m := c.state().matrix
	if degrees := math.Atan2(m[1], m[0]) * 180 / math.Pi; math.Abs(degrees) > 0.01 {
		fmt.Fprintf(&c.out, ` transform="rotate(%s %s %s)"`, number(degrees), number(x), number(y))
	}
	fmt.Fprintf(&c.out, ">%s</text>\n", html.EscapeString(text))
}

// DrawImage embeds the image as PNG. A small image is enlarged, each pixel to a square, and
// marked as pixelated, since some viewers support only one of these.
func (c *svgCanvas) DrawImage(at vg.Rectangle, img image.Image) {
	factor := svgEnlargement
	if size := img.Bounds().Size(); max(size.X, size.Y) > 64 && size.Y > 1 {
		factor = 1
	}
	var encoded bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&encoded, enlarge(img, factor)); err != nil {
		c.failed = fmt.Errorf("embed an image in a figure: %w", err)
		return
	}
	x, y := c.point(vg.Point{X: at.Min.X, Y: at.Max.Y})
	size := at.Size()
	fmt.Fprintf(&c.out, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,%s"/>`+"\n",
		number(x), number(y), number(float64(size.X)*c.scale()), number(float64(size.Y)*c.scale()),
		base64.StdEncoding.EncodeToString(encoded.Bytes()))
}

// WriteTo finishes the document and writes it.
func (c *svgCanvas) WriteTo(w io.Writer) (int64, error) {
	if c.failed != nil {
		return 0, c.failed
	}
	n, err := w.Write(append(bytes.Clone(c.out.Bytes()), "</svg>\n"...))
	return int64(n), err
}

// svgColor returns a colour as #rrggbb and its opacity, empty when it is opaque.
func svgColor(clr color.Color) (rgb, opacity string) {
	if clr == nil {
		clr = color.Black
	}
	n := color.NRGBAModel.Convert(clr).(color.NRGBA)
	if n.A != 0xff {
		opacity = number(float64(n.A) / 0xff)
	}
	return fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B), opacity
}
