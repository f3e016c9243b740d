package plots

import (
	"fmt"
	"image"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Pair is two images to compare, such as duplicates.
type Pair struct {
	First, Second           image.Image
	FirstTitle, SecondTitle string  // shown above each; "\n" starts a new line
	Distance                float64 // root mean square difference in grey levels, 0 to 255
	Note                    string  // shown below, such as "labels differ"
	Mark                    Mark    // Wrong for pairs that should not exist
}

// Pairs draws one to thirty pairs of images of one size, three in a row, with
// "=" between those at distance 0 and "≈" between others, and their distance
// below.
func Pairs(title string, pairs ...Pair) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw pairs of images: "+format, args...)
	}
	if len(pairs) < 1 || len(pairs) > 30 {
		return fail("%d pairs, want 1 to 30", len(pairs))
	}
	var alternative strings.Builder
	fmt.Fprintf(&alternative, "%d pairs of images", len(pairs))
	if title != "" {
		alternative.WriteString(": " + title)
	}
	lines := 0
	for i, p := range pairs {
		for k, img := range []image.Image{p.First, p.Second} {
			if err := checkImage(fmt.Sprintf("image %d of pair %d", k, i), img); err != nil {
				return fail("%w", err)
			}
			if img.Bounds().Size() != pairs[0].First.Bounds().Size() {
				return fail("image %d of pair %d has another size than the first image", k, i)
			}
		}
		if !(p.Distance >= 0 && p.Distance <= 255) { // also catches NaN
			return fail("pair %d has the distance %v, want 0 to 255 grey levels", i, p.Distance)
		}
		if p.Mark < NoMark || p.Mark > Wrong {
			return fail("pair %d has the mark %d, want NoMark, Right or Wrong", i, p.Mark)
		}
		lines = max(lines, strings.Count(p.FirstTitle, "\n")+1, strings.Count(p.SecondTitle, "\n")+1)
		fmt.Fprintf(&alternative, "\n  %s and %s: %s", strings.ReplaceAll(p.FirstTitle, "\n", " "), strings.ReplaceAll(p.SecondTitle, "\n", " "), distanceText(p.Distance))
		if p.Note != "" {
			alternative.WriteString(", " + p.Note)
		}
	}

	const (
		columns = 3
		sign    = 20 * px // between the two
		gap     = 16 * px
	)
	pixels := pairs[0].First.Bounds().Size()
	zoom := max(1, 84/max(pixels.X, pixels.Y))
	size := vg.Point{X: vg.Length(zoom*pixels.X) * px, Y: vg.Length(zoom*pixels.Y) * px}
	titles := vg.Length(lines)*15*px + 4*px
	notes := 22 * px
	pitch := (figureWidth - 2*margin + gap) / columns
	row := titles + size.Y + notes + 10*px
	used := (len(pairs) + columns - 1) / columns
	header := vg.Length(0)
	if title != "" {
		header = 28 * px
	}
	height := header + vg.Length(used)*row + 2*margin - 10*px
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		small := style(smallSize, false)
		for i, p := range pairs {
			left := wholePixels(c.Min.X + margin + vg.Length(i%columns)*pitch)
			top := c.Max.Y - margin - header - vg.Length(i/columns)*row - titles
			boxes := [2]vg.Rectangle{}
			for k, img := range []image.Image{p.First, p.Second} {
				boxes[k].Min = vg.Point{X: left + vg.Length(k)*(size.X+sign), Y: top - size.Y}
				boxes[k].Max = boxes[k].Min.Add(size)
				c.DrawImage(boxes[k], img)
				drawLines(c, aligned(small, draw.XCenter, draw.YBottom), vg.Point{X: (boxes[k].Min.X + boxes[k].Max.X) / 2, Y: boxes[k].Max.Y + 4*px},
					[]string{p.FirstTitle, p.SecondTitle}[k], 15*px)
			}
			equals := "≈"
			if p.Distance == 0 {
				equals = "="
			}
			middle := vg.Point{X: boxes[0].Max.X + sign/2, Y: (boxes[0].Min.Y + boxes[0].Max.Y) / 2}
			c.FillText(aligned(style(14, true), draw.XCenter, draw.YCenter), middle, equals)
			text := distanceText(p.Distance)
			if p.Note != "" {
				text += ", " + p.Note
			}
			at := vg.Point{X: middle.X, Y: boxes[0].Min.Y - 6*px}
			if p.Mark != NoMark {
				drawSign(c, p.Mark == Right, vg.Point{X: at.X - small.Width(text)/2 - 4*px, Y: at.Y - 6*px})
				at.X += 8 * px
			}
			c.FillText(aligned(small, draw.XCenter, draw.YTop), at, text)
		}
	}), nil
}

// distanceText writes a distance.
func distanceText(distance float64) string {
	if distance == 0 {
		return "equal"
	}
	return fmt.Sprintf("distance %.2f", distance)
}
