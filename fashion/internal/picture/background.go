package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

const (
	// near is the makers' tolerance for trimming: 5% of the largest distance between colours.
	near = 0.05
	// nearest is the smallest tolerance, three of 255 levels. The tolerance falls to it with
	// the contrast, for a cream garment on white.
	nearest = 0.012
	// varies is the largest tolerance, for a background with a pattern or a shadow.
	varies = 0.15
	// white is the mean grey above which a transparent garment counts as light. Of the test
	// images, one in a hundred is lighter in the makers' picture.
	white = 200
	// low is the contrast, in grey levels, below which that between colours counts. Of the
	// 10,000 test images, one in a thousand has less than 89.
	low = 64
)

// canvas is a picture without transparency, and its background.
type canvas struct {
	*image.RGBA
	background rgb
	// alpha holds the opacity of each pixel of a picture with a transparent background.
	alpha []byte
}

// rgb is a colour, each part from 0 to 255.
type rgb [3]float64

// luma returns the grey value by the weights of ITU-R BT.601, those of JPEG and of Go.
func (c rgb) luma() float64 { return 0.299*c[0] + 0.587*c[1] + 0.114*c[2] }

// distance returns the distance between two colours; it is 1 between black and white.
func (c rgb) distance(to rgb) float64 {
	sum := 0.0
	for i := range c {
		sum += (c[i] - to[i]) * (c[i] - to[i])
	}
	return math.Sqrt(sum/3) / 255
}

func colourAt(p *image.RGBA, at int) rgb {
	return rgb{float64(p.Pix[at]), float64(p.Pix[at+1]), float64(p.Pix[at+2])}
}

// opaque puts a picture on a background if it is transparent, and returns the name of the
// background's colour. Transparent parts of a picture with a background of its own get
// that colour.
func opaque(picture *image.RGBA) (c canvas, on string) {
	frame := nearCorners(picture)
	visible := slices.DeleteFunc(slices.Clone(frame), func(at int) bool { return picture.Pix[at+3] < 128 })
	c.background = median(picture, visible)
	if 2*len(visible) < len(frame) {
		var light, weight float64
		for at := 0; at < len(picture.Pix); at += 4 {
			light += colourAt(picture, at).luma() // the colour is multiplied with alpha
			weight += float64(picture.Pix[at+3])
			c.alpha = append(c.alpha, picture.Pix[at+3])
		}
		c.background, on = rgb{255, 255, 255}, "white"
		if light > white*weight/255 {
			c.background, on = rgb{}, "black"
		}
	} else if !picture.Opaque() {
		on = "its background"
	}
	c.RGBA = image.NewRGBA(picture.Rect)
	fill := color.RGBA{clamp(c.background[0]), clamp(c.background[1]), clamp(c.background[2]), 255}
	draw.Draw(c.RGBA, c.Rect, image.NewUniform(fill), image.Point{}, draw.Src)
	draw.Draw(c.RGBA, c.Rect, picture, image.Point{}, draw.Over)
	return c, on
}

// nearCorners returns the offsets of the outermost pixels within a quarter of each side from a
// corner. A garment often reaches the middle of an edge, and seldom a corner: of the
// 10,000 test images, three have a garment at more than half of these pixels.
func nearCorners(p *image.RGBA) []int {
	w, h := p.Rect.Dx(), p.Rect.Dy()
	var offsets []int
	for y := range h {
		for x := range w {
			outermost := min(x, w-1-x) == 0 || min(y, h-1-y) == 0
			if outermost && min(x, w-1-x) <= w/4 && min(y, h-1-y) <= h/4 {
				offsets = append(offsets, p.PixOffset(x, y))
			}
		}
	}
	return offsets
}

// median returns the median of each part of the colours at the offsets.
func median(p *image.RGBA, offsets []int) (m rgb) {
	if len(offsets) == 0 {
		return m
	}
	for i := range m {
		var values []byte
		for _, at := range offsets {
			values = append(values, p.Pix[at+i])
		}
		slices.Sort(values)
		m[i] = float64(values[len(values)/2])
	}
	return m
}

// garment returns the smallest rectangle around what differs from the background.
func (c canvas) garment() (image.Rectangle, bool) {
	var frame, all []float64
	for _, at := range nearCorners(c.RGBA) {
		frame = append(frame, colourAt(c.RGBA, at).distance(c.background))
	}
	for at := 0; at < len(c.Pix); at += 4 {
		all = append(all, colourAt(c.RGBA, at).distance(c.background))
	}
	slices.Sort(frame)
	slices.Sort(all)
	largest := all[len(all)*999/1000] // without specks
	tolerance := max(near*min(1, 255*largest/low), nearest)
	spread := 4 * frame[len(frame)/2] // over three standard deviations of noise
	r := c.differing(max(tolerance, min(spread, varies)))
	return r, !r.Empty()
}

// differing returns the smallest rectangle around the pixels that differ from the
// background by more than the tolerance. A pixel does not count alone: three of the nine
// around it must differ, so dust is no garment.
func (c canvas) differing(tolerance float64) (r image.Rectangle) {
	w, h := c.Rect.Dx(), c.Rect.Dy()
	differs := make([]bool, w*h)
	for i := range differs {
		if c.alpha != nil {
			differs[i] = float64(c.alpha[i]) > 255*tolerance
		} else {
			differs[i] = colourAt(c.RGBA, 4*i).distance(c.background) > tolerance
		}
	}
	for i := range differs {
		x, y := i%w, i/w
		count := 0
		for v := max(y-1, 0); v <= min(y+1, h-1); v++ {
			for u := max(x-1, 0); u <= min(x+1, w-1); u++ {
				if differs[v*w+u] {
					count++
				}
			}
		}
		if differs[i] && count >= 3 {
			r = r.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return r
}

// intensities returns grey values with the background at 0 and what differs most from it
// towards 255, and what was done.
func intensities(p *image.RGBA, background rgb) (grey []byte, done []string) {
	ground := background.luma()
	darker, lighter := make([]float64, len(p.Pix)/4), make([]float64, len(p.Pix)/4)
	distances := make([]float64, len(p.Pix)/4)
	for i := range distances {
		pixel := colourAt(p, 4*i)
		darker[i] = 255 * max(ground-pixel.luma(), 0) / max(ground, 1)
		lighter[i] = 255 * max(pixel.luma()-ground, 0) / max(255-ground, 1)
		distances[i] = 255 * pixel.distance(background)
	}
	values := lighter
	// In grey levels, not scaled: on white every shadow is darker and nothing can be lighter.
	if sum(darker)*ground >= sum(lighter)*(255-ground) {
		values, done = darker, append(done, "inverted")
	}
	if high(values) < low {
		factor := 255 / max(high(distances), 1)
		for i, d := range distances {
			values[i] = factor * d
		}
		done = []string{fmt.Sprintf("contrast of its colours stretched by %.1f", factor)}
	}
	for _, v := range values {
		grey = append(grey, clamp(v))
	}
	return grey, done
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// high returns the value that one in a hundred exceeds.
func high(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)*99/100]
}
