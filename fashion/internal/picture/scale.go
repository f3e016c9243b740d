package picture

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// reduce returns a picture of at most longest pixels a side: each of its pixels is the mean of
// factor×factor of the original's. It reads the original in strips, so it needs little memory.
func reduce(picture image.Image, longest int) (reduced *image.RGBA, factor int) {
	bounds := picture.Bounds()
	w, h := bounds.Dx(), bounds.Dy()
	factor = (max(w, h) + longest - 1) / longest
	reduced = image.NewRGBA(image.Rect(0, 0, (w+factor-1)/factor, (h+factor-1)/factor))
	strip := image.NewRGBA(image.Rect(0, 0, w, factor))
	for top := 0; top < h; top += factor {
		rows := min(factor, h-top)
		draw.Draw(strip, image.Rect(0, 0, w, rows), picture, bounds.Min.Add(image.Pt(0, top)), draw.Src)
		for x := range reduced.Rect.Dx() {
			columns := min(factor, w-x*factor)
			var sum [4]int
			for y := range rows {
				for i, v := range strip.Pix[y*strip.Stride+4*x*factor:][:4*columns] {
					sum[i%4] += int(v)
				}
			}
			pixel := reduced.Pix[reduced.PixOffset(x, top/factor):]
			for i, s := range sum {
				pixel[i] = byte((s + rows*columns/2) / (rows * columns))
			}
		}
	}
	return reduced, factor
}

// thumb reduces a picture to the size of the makers' thumbnails by averaging.
func thumb(picture *image.RGBA) *image.RGBA {
	w, h := fitted(picture.Rect.Dx(), picture.Rect.Dy(), thumbnail)
	if w >= picture.Rect.Dx() && h >= picture.Rect.Dy() {
		return picture
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(small, small.Rect, picture, picture.Rect, draw.Src, nil)
	return small
}

// subsample scales a picture to w×h pixels by taking those nearest to the centres of the
// new ones, as ImageMagick's -sample does.
func subsample(picture *image.RGBA, w, h int) *image.RGBA {
	from := picture.Rect
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			small.SetRGBA(x, y, picture.RGBAAt(from.Min.X+(2*x+1)*from.Dx()/(2*w), from.Min.Y+(2*y+1)*from.Dy()/(2*h)))
		}
	}
	return small
}

// fitted returns the size of w×h pixels when its longer side is scaled to longest.
func fitted(w, h, longest int) (int, int) {
	scale := func(n int) int { return max(1, int(math.Round(float64(n*longest)/float64(max(w, h))))) }
	return scale(w), scale(h)
}

// sharpen applies the makers' Gaussian operator: 3×3 weights -exp(-(x²+y²)/2) around minus
// twice the sum of all, divided by what they add up to, as ImageMagick's -sharpen 1x1 does.
// Pixels beyond the edge equal those on the edge.
func sharpen(picture *image.RGBA) *image.RGBA {
	edge, corner := math.Exp(-0.5), math.Exp(-1)
	around := 4*edge + 4*corner
	middle := 2 * (1 + around)
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	result := image.NewRGBA(picture.Rect)
	weights := [3][3]float64{{-corner, -edge, -corner}, {-edge, middle, -edge}, {-corner, -edge, -corner}}
	for y := range h {
		for x := range w {
			var sum [4]float64
			for v, row := range weights {
				for u, weight := range row {
					near := picture.PixOffset(min(max(x+u-1, 0), w-1), min(max(y+v-1, 0), h-1))
					for i := range sum {
						sum[i] += weight * float64(picture.Pix[near+i])
					}
				}
			}
			pixel := result.Pix[result.PixOffset(x, y):]
			for i := range sum {
				pixel[i] = clamp(sum[i] / (middle - around))
			}
		}
	}
	return result
}

// clamp rounds a grey value into a byte.
func clamp(v float64) byte { return byte(min(max(math.Round(v), 0), 255)) }
