package lessons

import "math"

// CheckScale checks Scale(pixels): each byte divided by 255.
func CheckScale(scale func(pixels []byte) []float64) error {
	return checkScale(scale, []byte{0, 51, 102, 255})
}

// CheckScaleFurther checks Scale on dark images, which stay dark, and on every
// value of a byte.
func CheckScaleFurther(scale func(pixels []byte) []float64) error {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return checkScale(scale, []byte{0, 10, 20, 40}, []byte{200, 210}, []byte{0, 0}, []byte{128}, all)
}

func checkScale(scale func(pixels []byte) []float64, cases ...[]byte) error {
	for _, pixels := range cases {
		call := callOf("Scale", pixels)
		var got []float64
		if err := call.run(func() { got = scale(pixels) }); err != nil {
			return err
		}
		want := scaleOf(pixels, func(v float64) float64 { return v / 255 })
		if alikeAll(got, want) {
			continue
		}
		if len(got) != len(pixels) {
			return call.wrong(got, want, "there is a number for each of the %d pixels, not %d", len(pixels), len(got))
		}
		low, high := 255.0, 0.0
		for _, v := range pixels {
			low, high = min(low, float64(v)), max(high, float64(v))
		}
		return call.wrong(got, want, "%s", likelyCause(got, alikeAll, "divide each pixel by 255, so that black becomes 0 and white 1",
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return math.Trunc(v / 255) }), "a byte divided by a whole number is a whole number in Go; write float64(v) / 255"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return v / 256 }), "divided by 256; the largest byte is 255, and white should become 1"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return v }), "these are still the bytes' values; divide them by 255"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return 1 - v/255 }), "black and white are exchanged; black, which is 0, stays 0"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return 2*v/255 - 1 }), "this goes from -1 to 1; the range asked for is 0 to 1"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return 100 * v / 255 }), "this is in per cent; white should become 1"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return v / high }), "divided by the image's brightest pixel, so that dark images become bright; divide by 255, the same for all"},
			mistake[[]float64]{scaleOf(pixels, func(v float64) float64 { return (v - low) / (high - low) }), "the darkest pixel became 0 and the brightest 1, in each image differently; divide by 255, the same for all"},
		))
	}
	return nil
}

// scaleOf applies f to each byte.
func scaleOf(pixels []byte, f func(float64) float64) []float64 {
	out := make([]float64, len(pixels))
	for i, v := range pixels {
		out[i] = f(float64(v))
	}
	return out
}
