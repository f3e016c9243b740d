package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Heat is an image and a map of the importance of its places, such as a Grad-CAM map.
type Heat struct {
	Image  image.Image
	Title  string      // shown above the image; "\n" starts a new line
	Mark   Mark        // whether the prediction is right
	Values [][]float64 // in [0, 1], of any size; stretched to the size of the image
}

// heatPalette holds the colours of an overlay on a middle grey, for drawScale.
var heatPalette = func() color.Palette {
	var p color.Palette
	for i := range 255 {
		p = append(p, heated(color.Gray{Y: 128}, float64(i)/254))
	}
	return p
}()

// heated colours a pixel: more heat makes it more orange and lighter, so that colour-blind
// readers can see it, and it is visible in print.
func heated(pixel color.Color, heat float64) color.NRGBA {
	grey := color.GrayModel.Convert(pixel).(color.Gray).Y
	dimmed := uint8(float64(grey) * 0.75)
	return between(color.NRGBA{R: dimmed, G: dimmed, B: dimmed, A: 0xff}, color.NRGBA{R: 0xff, G: 0xb0, B: 0x20, A: 0xff}, 0.85*heat)
}

// Overlay draws one to ten images of the same size, each twice: unchanged, and below with
// its heat in orange, from none at 0 to full at 1.
func Overlay(title string, heats ...Heat) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw an overlay: "+format, args...)
	}
	if len(heats) < 1 || len(heats) > 10 {
		return fail("%d images, want 1 to 10", len(heats))
	}
	var alternative strings.Builder
	fmt.Fprintf(&alternative, "%d images and where the heat lies", len(heats))
	if title != "" {
		alternative.WriteString(": " + title)
	}
	lines := 0
	overlays := make([]image.Image, len(heats))
	for i, h := range heats {
		if err := checkImage(fmt.Sprintf("image %d", i), h.Image); err != nil {
			return fail("%w", err)
		}
		if h.Image.Bounds().Size() != heats[0].Image.Bounds().Size() {
			return fail("image %d has another size than image 0", i)
		}
		if h.Mark < NoMark || h.Mark > Wrong {
			return fail("image %d has the mark %d, want NoMark, Right or Wrong", i, h.Mark)
		}
		if err := checkValues(h.Values); err != nil {
			return fail("the heat of image %d: %w", i, err)
		}
		if low, high := extremes(h.Values); low < 0 || high > 1 {
			return fail("the heat of image %d goes from %v to %v, want values in [0, 1]", i, low, high)
		}
		if h.Title != "" {
			lines = max(lines, strings.Count(h.Title, "\n")+1)
		}
		overlays[i] = overlay(h)
		x, y := hottest(h.Values)
		fmt.Fprintf(&alternative, "\n  %s%s: most at %.0f %% from the left, %.0f %% from the top", strings.ReplaceAll(h.Title, "\n", " "),
			[...]string{"", " (right)", " (wrong)"}[h.Mark], 100*x, 100*y)
	}

	const gap = 12 * px
	columns := min(len(heats), 5)
	rows := (len(heats) + columns - 1) / columns
	pixels := heats[0].Image.Bounds().Size()
	zoom := max(1, int(min(112*px, (figureWidth-2*margin+gap)/vg.Length(columns)-gap)/px)/max(pixels.X, pixels.Y))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	titles := vg.Length(lines)*15*px + 12*px
	pitch := vg.Point{X: size.X + gap, Y: titles + 2*size.Y + 6*px + gap}
	header := vg.Length(0)
	if title != "" {
		header = 26 * px
	}
	height := header + vg.Length(rows)*pitch.Y + scaleHeight + 2*margin
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		left := c.Center().X - (pitch.X*vg.Length(columns)-gap)/2
		for i, h := range heats {
			box := vg.Rectangle{Max: vg.Point{
				X: wholePixels(left+vg.Length(i%columns)*pitch.X) + size.X,
				Y: c.Max.Y - margin - header - vg.Length(i/columns)*pitch.Y - titles,
			}}
			box.Min = box.Max.Sub(size)
			drawLines(c, aligned(style(smallSize, false), draw.XCenter, draw.YBottom), vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: box.Max.Y + 10*px}, h.Title, 15*px)
			c.DrawImage(box, h.Image)
			drawMark(c, h.Mark, box)
			down := vg.Point{Y: size.Y + 6*px}
			c.DrawImage(vg.Rectangle{Min: box.Min.Sub(down), Max: box.Max.Sub(down)}, overlays[i])
		}
		drawScale(c, heatPalette, vg.Point{X: c.Center().X, Y: c.Min.Y + margin}, "share of the largest", "0", "0.5", "1")
	}), nil
}

// overlay returns the image with its heat.
func overlay(h Heat) image.Image {
	bounds := h.Image.Bounds()
	img := image.NewNRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			heat := stretched(h.Values, (float64(x)+0.5)/float64(bounds.Dx()), (float64(y)+0.5)/float64(bounds.Dy()))
			img.SetNRGBA(x, y, heated(h.Image.At(bounds.Min.X+x, bounds.Min.Y+y), heat))
		}
	}
	return img
}

// stretched returns the value at a place given as shares of width and height,
// between the centres of the values by bilinear interpolation.
func stretched(values [][]float64, u, v float64) float64 {
	position := func(share float64, n int) (int, int, float64) {
		at := min(max(share*float64(n)-0.5, 0), float64(n-1))
		low := int(math.Floor(at))
		return low, min(low+1, n-1), at - float64(low)
	}
	x0, x1, tx := position(u, len(values[0]))
	y0, y1, ty := position(v, len(values))
	upper := values[y0][x0]*(1-tx) + values[y0][x1]*tx
	lower := values[y1][x0]*(1-tx) + values[y1][x1]*tx
	return upper*(1-ty) + lower*ty
}

// hottest returns the place of the largest value, as shares of width and height.
func hottest(values [][]float64) (x, y float64) {
	best := math.Inf(-1)
	for r, row := range values {
		for c, v := range row {
			if v > best {
				best, x, y = v, (float64(c)+0.5)/float64(len(row)), (float64(r)+0.5)/float64(len(values))
			}
		}
	}
	return x, y
}
