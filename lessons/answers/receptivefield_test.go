package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestReceptiveFieldChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(kernels, strides []int) int
	// chain computes a field layer by layer.
	chain := func(field int, layer func(field, jump *int, kernel, stride int)) f {
		return func(kernels, strides []int) int {
			field, jump := field, 1
			for i := range kernels {
				layer(&field, &jump, kernels[i], strides[i])
			}
			return field
		}
	}
	testChecks(t, []func(f) error{lessons.CheckReceptiveField, CheckReceptiveFieldFurther},
		chain(1, func(field, jump *int, k, s int) { *field += (k - 1) * *jump; *jump *= s }),
		wrongAnswer[f]{"sum of kernels", chain(0, func(field, _ *int, k, _ int) { *field += k }), "the kernels are added up"},
		wrongAnswer[f]{"from 0", chain(0, func(field, jump *int, k, s int) { *field += (k - 1) * *jump; *jump *= s }), "begin with 1: with no layer"},
		wrongAnswer[f]{"whole kernels", chain(1, func(field, jump *int, k, s int) { *field += k * *jump; *jump *= s }), "not kernel: one"},
		wrongAnswer[f]{"no strides", chain(1, func(field, _ *int, k, _ int) { *field += k - 1 }), "the strides are ignored"},
		wrongAnswer[f]{"own stride", chain(1, func(field, jump *int, k, s int) { *jump *= s; *field += (k - 1) * *jump }), "comes too early"},
		wrongAnswer[f]{"last stride", chain(1, func(field, jump *int, k, s int) { *field += (k - 1) * *jump; *jump = s }), "the steps multiply"},
		wrongAnswer[f]{"the step", func(_, strides []int) int {
			jump := 1
			for _, s := range strides {
				jump *= s
			}
			return jump
		}, "the product of the strides; the field"},
		wrongAnswer[f]{"a constant", func(_, _ []int) int { return 16 }, "begin with 1 pixel and steps of 1"},
		wrongAnswer[f]{"stub", func(_, _ []int) int { panic(stubPanic) }, "not written yet"},
	)
}

// The field is what an output of ones, convolved and pooled by hand, depends on.
func TestReceptiveFieldOfTheBaselineIsWhatItsLayersSee(t *testing.T) {
	ones := [][]float64{{1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1}}
	rows := 0
	for y := range 28 {
		image := make([][]float64, 28)
		for i := range image {
			image[i] = make([]float64, 28)
		}
		for x := range 28 {
			image[y][x] = 1
		}
		out := maxPool(convolve(image, ones, 2, 1, noSlip), 2, poolsRight)
		out = maxPool(convolve(out, ones, 2, 1, noSlip), 2, poolsRight)
		if out[3][3] > 0 {
			rows++
		}
	}
	if want := receptiveField([]int{5, 2, 5, 2}, []int{1, 2, 1, 2}); rows != want || want != 16 {
		t.Errorf("an output sees %d rows, the formula says %d, want 16", rows, want)
	}
}
