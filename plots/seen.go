package plots

import (
	"fmt"
	"image"

	scale "golang.org/x/image/draw"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Seen draws a picture of up to 10,000 pixels a side next to the small image that the
// network receives. A large picture is scaled down.
func Seen(title string, original, seen image.Image) (*Figure, error) {
	if original == nil {
		return nil, fmt.Errorf("draw what a network sees: the picture is nil, want an image")
	}
	size := original.Bounds().Size()
	const largest = 10000
	if size.X < 1 || size.Y < 1 || size.X > largest || size.Y > largest {
		return nil, fmt.Errorf("draw what a network sees: the picture has %d×%d pixels, want 1 to %d in each direction", size.X, size.Y, largest)
	}
	if err := checkImage("the image that the network sees", seen); err != nil {
		return nil, fmt.Errorf("draw what a network sees: %w", err)
	}
	pixels := seen.Bounds().Size()
	const side = 224 * px
	alternative := fmt.Sprintf("a picture of %d×%d pixels, and the %d×%d that a network sees of it", size.X, size.Y, pixels.X, pixels.Y)
	if title != "" {
		alternative += ": " + title
	}
	shown := original
	if longest := max(size.X, size.Y); longest > 2*224 {
		small := image.NewNRGBA(image.Rect(0, 0, max(1, size.X*2*224/longest), max(1, size.Y*2*224/longest)))
		scale.CatmullRom.Scale(small, small.Bounds(), original, original.Bounds(), scale.Src, nil)
		shown = small
	}
	const arrow = 64 * px
	header := 24 * px
	if title != "" {
		header += 28 * px
	}
	return newFigure(figureWidth, side+header+2*margin, alternative, func(c draw.Canvas) {
		drawTitle(c, title)
		place := func(img image.Image, left vg.Length) vg.Rectangle {
			size := img.Bounds().Size()
			longest := vg.Length(max(size.X, size.Y))
			extent := vg.Point{X: side * vg.Length(size.X) / longest, Y: side * vg.Length(size.Y) / longest}
			corner := vg.Point{X: wholePixels(left + (side-extent.X)/2), Y: wholePixels(c.Min.Y + margin + (side-extent.Y)/2)}
			return vg.Rectangle{Min: corner, Max: corner.Add(extent)}
		}
		first := c.Center().X - side - arrow/2
		second := c.Center().X + arrow/2
		frame := draw.LineStyle{Color: axisGrey, Width: vg.Points(0.75)}
		for _, part := range []struct {
			img  image.Image
			left vg.Length
			name string
		}{
			{shown, first, fmt.Sprintf("your picture, %d×%d pixels", size.X, size.Y)},
			{seen, second, fmt.Sprintf("as the network sees it, %d×%d", pixels.X, pixels.Y)},
		} {
			box := place(part.img, part.left)
			c.DrawImage(box, part.img)
			strokeRectangle(c, frame, box)
			c.FillText(aligned(style(textSize, false), draw.XCenter, draw.YBottom), vg.Point{X: part.left + side/2, Y: c.Min.Y + margin + side + 5*px}, part.name)
		}
		y := c.Min.Y + margin + side/2
		line := draw.LineStyle{Color: ink, Width: 2 * px}
		tip := vg.Point{X: second - 16*px, Y: y}
		c.StrokeLine2(line, first+side+16*px, y, tip.X, y)
		c.StrokeLines(line, []vg.Point{{X: tip.X - 8*px, Y: y + 6*px}, tip, {X: tip.X - 8*px, Y: y - 6*px}})
	}), nil
}
