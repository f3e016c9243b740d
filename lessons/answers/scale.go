package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleScale() []lessons.Case {
	return each(scaleCaseOf, []byte{0, 51, 102, 255})
}

// CheckScaleFurther checks Scale on dark images, which stay dark, and on every
// value of a byte.
func CheckScaleFurther(scale func(pixels []byte) []float64) error {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return check("Scale", scale, scaleCaseOf, []byte{0, 10, 20, 40}, []byte{200, 210}, []byte{0, 0}, []byte{128}, all)
}

// scaleCaseOf is a call, with the right result and those of typical mistakes.
func scaleCaseOf(pixels []byte) lessons.Case {
	want := scaleOf(pixels, func(v float64) float64 { return v / 255 })
	low, high := 255.0, 0.0
	for _, v := range pixels {
		low, high = min(low, float64(v)), max(high, float64(v))
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a number for each of the %d pixels, not {length}", len(pixels)),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return math.Trunc(v / 255) }), "a byte divided by a whole number is a whole number in Go; write `float64(v) / 255`"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return v / 256 }), "divided by 256; the largest byte is 255, and white should become 1"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return v }), "these are still the bytes' values; divide them by 255"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return 1 - v/255 }), "black and white are exchanged; black, which is 0, stays 0"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return 2*v/255 - 1 }), "this goes from -1 to 1; the range asked for is 0 to 1"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return 100 * v / 255 }), "this is in per cent; white should become 1"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return v / high }), "divided by the image's brightest pixel, so that dark images become bright; divide by 255, the same for all"),
		lessons.Gives(scaleOf(pixels, func(v float64) float64 { return (v - low) / (high - low) }), "the darkest pixel became 0 and the brightest 1, in each image differently; divide by 255, the same for all"),
		lessons.Otherwise("divide each pixel by 255, so that black becomes 0 and white 1"),
	}
	return lessons.One(want, causes, pixels)
}

// scaleOf applies f to each byte.
func scaleOf(pixels []byte, f func(float64) float64) []float64 {
	out := make([]float64, len(pixels))
	for i, v := range pixels {
		out[i] = f(float64(v))
	}
	return out
}
