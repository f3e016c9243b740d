package plots

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Layer holds the output of one layer of a network for an image.
type Layer struct {
	Name string        // such as "conv1.0 Conv2d"
	Maps [][][]float64 // its feature maps, one for each channel
}

// mapsShown is the number of feature maps of a layer that fit side by side.
const mapsShown = 8

// FeatureMaps draws an image and below it, layer by layer, eight feature maps of each of
// one to twelve layers. All are as large as the image, so a place in the image is at the
// same place in every map. The maps are those with the largest values, sorted by them.
// ReLU and pooling do not change this order, so their maps are below the maps from which
// they were computed.
//
// The maps of a layer have one scale; its ends are at the left, in the layer's unit. A layer
// without negative values is black at 0 and white at its largest value, as the image is. A
// layer with negative values is white at 0, vermillion below and blue above, deepest at the
// layer's lowest and largest value.
func FeatureMaps(title string, img image.Image, layers ...Layer) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw feature maps: "+format, args...)
	}
	if err := checkImage("the image", img); err != nil {
		return fail("%w", err)
	}
	if len(layers) < 1 || len(layers) > 12 {
		return fail("%d layers, want 1 to 12", len(layers))
	}
	var alternative strings.Builder
	alternative.WriteString("feature maps")
	if title != "" {
		alternative.WriteString(": " + title)
	}
	notes := make([]string, len(layers))
	pictures := make([][]image.Image, len(layers))
	signed := false
	for i, layer := range layers {
		if len(layer.Maps) == 0 {
			return fail("layer %d (%q) has no maps: %w", i, layer.Name, errNoValues)
		}
		low, high := 0.0, 0.0
		for k, values := range layer.Maps {
			if err := checkValues(values); err != nil {
				return fail("layer %d (%q), map %d: %w", i, layer.Name, k, err)
			}
			if len(values) != len(layer.Maps[0]) || len(values[0]) != len(layer.Maps[0][0]) {
				return fail("layer %d (%q): map %d has another size than map 0", i, layer.Name, k)
			}
			a, b := extremes(values)
			low, high = min(low, a), max(high, b)
		}
		notes[i] = fmt.Sprintf("%d maps, %d×%d\n%s to %s", len(layer.Maps), len(layer.Maps[0]), len(layer.Maps[0][0]), significant(low), significant(high))
		fmt.Fprintf(&alternative, "\n  %s: %s", layer.Name, strings.ReplaceAll(notes[i], "\n", " from "))
		for _, values := range strongest(layer.Maps) {
			if low < 0 {
				signed = true
				pictures[i] = append(pictures[i], divergingImage(eachSide(values, low, high), 1))
			} else {
				pictures[i] = append(pictures[i], greyImage(values, high))
			}
		}
	}

	const (
		side  = 56 * px
		gap   = 6 * px
		names = 124 * px
	)
	header := vg.Length(0)
	if title != "" {
		header = 26 * px
	}
	footer := 22 * px
	height := header + vg.Length(len(layers)+1)*(side+gap) + footer + 2*margin
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		small := style(smallSize, false)
		muted := small
		muted.Color = mutedInk
		left := c.Min.X + margin + names
		top := c.Max.Y - margin - header
		place := func(row, column int) vg.Rectangle {
			box := vg.Rectangle{Max: vg.Point{X: left + vg.Length(column)*(side+gap) + side, Y: top - vg.Length(row)*(side+gap)}}
			box.Min = box.Max.Sub(vg.Point{X: side, Y: side})
			return box
		}
		box := place(0, 0)
		c.DrawImage(box, img)
		c.FillText(aligned(style(smallSize, true), draw.XRight, draw.YCenter), vg.Point{X: left - 10*px, Y: (box.Min.Y + box.Max.Y) / 2}, "the image")
		for i, layer := range layers {
			for k, picture := range pictures[i] {
				drawShaded(c, place(i+1, k), picture)
			}
			box := place(i+1, 0)
			at := vg.Point{X: left - 10*px, Y: (box.Min.Y+box.Max.Y)/2 + 9*px}
			c.FillText(aligned(style(smallSize, true), draw.XRight, draw.YBottom), vg.Point{X: at.X, Y: at.Y - px}, layer.Name)
			drawLines(c, aligned(muted, draw.XRight, draw.YBottom), vg.Point{X: at.X, Y: at.Y - 31*px}, notes[i], 14*px)
		}
		explained := "grey: 0 is black, the layer's largest value white"
		if signed {
			explained += ";  colours: vermillion below 0, 0 white, blue above"
		}
		c.FillText(aligned(muted, draw.XCenter, draw.YBottom), vg.Point{X: c.Center().X, Y: c.Min.Y + margin}, explained)
	}), nil
}

// strongest returns the maps with the largest values, at most mapsShown. Maps without a
// positive value keep their order.
func strongest(maps [][][]float64) [][][]float64 {
	order := slices.Clone(maps)
	peak := func(values [][]float64) float64 {
		_, high := extremes(values)
		return max(high, 0)
	}
	slices.SortStableFunc(order, func(a, b [][]float64) int { return cmp.Compare(peak(b), peak(a)) })
	return order[:min(mapsShown, len(order))]
}

// eachSide scales negative values by the lowest and positive ones by the highest, to
// −1 and 1.
func eachSide(values [][]float64, low, high float64) [][]float64 {
	scaled := make([][]float64, len(values))
	for y, row := range values {
		for _, v := range row {
			switch {
			case v < 0:
				v /= -low
			case v > 0:
				v /= high
			}
			scaled[y] = append(scaled[y], v)
		}
	}
	return scaled
}
