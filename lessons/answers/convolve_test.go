package answers

import (
	"testing"

	"fashionlab/fashion"

	"fashionlab/lessons"
)

type convolveFunc = func(image, kernel [][]float64, padding, stride int) [][]float64

// slipping returns a convolution with a typical mistake.
func slipping(slip convolveSlip) convolveFunc {
	return func(image, kernel [][]float64, padding, stride int) [][]float64 {
		return convolve(image, kernel, padding, stride, slip)
	}
}

func TestConvolveChecksTellTypicalAnswersApart(t *testing.T) {
	testChecks(t, []func(convolveFunc) error{lessons.CheckConvolve, CheckConvolveFurther}, slipping(noSlip),
		wrongAnswer[convolveFunc]{"flipped kernel", slipping(flipsKernel), "turned by 180°"},
		wrongAnswer[convolveFunc]{"transposed kernel", slipping(transposesKernel), "rows and columns are exchanged"},
		wrongAnswer[convolveFunc]{"mean", slipping(averages), "does not average"},
		wrongAnswer[convolveFunc]{"= for +=", slipping(keepsLastProduct), "only the last product"},
		wrongAnswer[convolveFunc]{"sum not reset", slipping(keepsSum), "begins with the one before"},
		wrongAnswer[convolveFunc]{"weights added", slipping(addsKernel), "multiply them"},
		wrongAnswer[convolveFunc]{"loops end early", slipping(oneTooFew), "the last row and column are missing"},
		wrongAnswer[convolveFunc]{"square results", func(image, kernel [][]float64, padding, stride int) [][]float64 {
			out := convolve(image, kernel, padding, stride, noSlip)
			for y := range out {
				out[y] = out[y][:min(len(out), len(out[y]))]
			}
			return out
		}, "the image is not"},
		wrongAnswer[convolveFunc]{"nothing", func(_, _ [][]float64, _, _ int) [][]float64 { return nil }, "the result is empty"},
		wrongAnswer[convolveFunc]{"zeros", func(image, kernel [][]float64, padding, stride int) [][]float64 {
			out := convolve(image, kernel, padding, stride, noSlip)
			for y := range out {
				clear(out[y])
			}
			return out
		}, "each output is the sum of"},
		wrongAnswer[convolveFunc]{"writes into the image", func(image, kernel [][]float64, padding, stride int) [][]float64 {
			out := convolve(image, kernel, padding, stride, noSlip)
			image[0][0] = out[0][0]
			return out
		}, "changes its argument"},
		wrongAnswer[convolveFunc]{"runs over the edge", func(image, kernel [][]float64, _, _ int) [][]float64 {
			out := make([][]float64, len(image))
			for y := range image {
				for x := range image[y] {
					out[y] = append(out[y], kernel[0][0]*image[y][x]+kernel[1][1]*image[y+1][x+1])
				}
			}
			return out
		}, "panics"},
		wrongAnswer[convolveFunc]{"stub", func(_, _ [][]float64, _, _ int) [][]float64 { panic(stubPanic) }, "not written yet"},
	)
}

func TestConvolvePaddingAndStrideChecksTellTypicalAnswersApart(t *testing.T) {
	testChecks(t, []func(convolveFunc) error{lessons.CheckConvolvePaddingAndStride, CheckConvolvePaddingAndStrideFurther}, slipping(noSlip),
		wrongAnswer[convolveFunc]{"no padding", slipping(dropsPadding), "the padding is ignored"},
		wrongAnswer[convolveFunc]{"padding on one side", slipping(padsOnce), "on one side only"},
		wrongAnswer[convolveFunc]{"no stride", slipping(dropsStride), "the stride is ignored"},
		wrongAnswer[convolveFunc]{"places one apart", slipping(stepsByOne), "the size is right, but"},
		wrongAnswer[convolveFunc]{"edge repeated", slipping(replicatesEdge), "must hold zeros"},
		wrongAnswer[convolveFunc]{"image in the corner", slipping(shiftsPadding), "in the corner of the padding"},
		wrongAnswer[convolveFunc]{"fixed padding", func(image, kernel [][]float64, _, stride int) [][]float64 {
			return convolve(image, kernel, 1, stride, noSlip)
		}, "the formula for output sizes"},
	)
}

func TestConvolveIsTheLibrarys(t *testing.T) {
	for _, c := range []convolution{{ramp, tilted, 0, 1}, {wide, tilted, 2, 2}, {transposed(wide), pair, 1, 3}} {
		image, kernel := fashion.NewTensor(1, 1, len(c.image), len(c.image[0])), fashion.NewTensor(1, 1, len(c.kernel), len(c.kernel))
		fill(image, c.image)
		fill(kernel, c.kernel)
		want, err := image.Conv2D(kernel, fashion.Padding(c.padding), fashion.Stride(c.stride))
		if err != nil {
			t.Fatal(err)
		}
		var got []float64
		for _, row := range convolve(c.image, c.kernel, c.padding, c.stride, noSlip) {
			got = append(got, row...)
		}
		for i, v := range want.Data {
			if !near(got[i], float64(v), 1e-5) {
				t.Errorf("%v: value %d is %v, want %v", c, i, got[i], v)
			}
		}
		if len(got) != want.Len() {
			t.Errorf("%v: %d values, want %d", c, len(got), want.Len())
		}
	}
}

// fill copies a matrix into a tensor's data.
func fill(t *fashion.Tensor, matrix [][]float64) {
	i := 0
	for _, row := range matrix {
		for _, v := range row {
			t.Data[i] = float32(v)
			i++
		}
	}
}
