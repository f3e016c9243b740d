package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckScale(t *testing.T) {
	type answer = func(pixels []byte) []float64
	each := func(f func(v float64) float64) answer {
		return func(pixels []byte) []float64 { return scaleOf(pixels, f) }
	}
	testCheck(t, each(func(v float64) float64 { return v / 255 }), lessons.CheckScale, CheckScaleFurther, []wrongCase[answer]{
		{"the stub", func([]byte) []float64 { panic("not implemented") }, "Scale is not written yet"},
		{"whole numbers", each(func(v float64) float64 { return float64(int(v) / 255) }), "write `float64(v) / 255`"},
		{"256", each(func(v float64) float64 { return v / 256 }), "divided by 256"},
		{"not divided", each(func(v float64) float64 { return v }), "still the bytes' values"},
		{"inverted", each(func(v float64) float64 { return (255 - v) / 255 }), "black and white are exchanged"},
		{"from -1", each(func(v float64) float64 { return v/127.5 - 1 }), "from -1 to 1"},
		{"per cent", each(func(v float64) float64 { return v / 2.55 }), "this is in per cent"},
		{"the brightest", func(pixels []byte) []float64 {
			return scaleOf(pixels, func(v float64) float64 { return v / max(1, float64(slices.Max(pixels))) })
		}, "the image's brightest pixel"},
		{"stretched", func(pixels []byte) []float64 {
			low, high := float64(slices.Min(pixels)), float64(slices.Max(pixels))
			if low == 0 {
				return scaleOf(pixels, func(v float64) float64 { return v / 255 })
			}
			return scaleOf(pixels, func(v float64) float64 { return (v - low) / (high - low) })
		}, "in each image differently"},
		{"in place", func(pixels []byte) []float64 {
			out := scaleOf(pixels, func(v float64) float64 { return v / 255 })
			pixels[1] = 1
			return out
		}, "changes its argument"},
		{"zeros in front", func(pixels []byte) []float64 {
			out := make([]float64, len(pixels))
			for _, v := range pixels {
				out = append(out, float64(v)/255)
			}
			return out
		}, "a number for each of the 4 pixels, not 8"},
		{"another formula", each(func(v float64) float64 { return v * v }), "black becomes 0 and white 1"},
	})
}
