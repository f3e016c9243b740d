package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestConvolutionCostChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(in, out, kernel, height, width int) (int, int)
	testChecks(t, []func(f) error{lessons.CheckConvolutionCost, CheckConvolutionCostFurther},
		func(in, out, k, h, w int) (int, int) { return out * (in*k*k + 1), out * in * k * k * h * w },
		wrongAnswer[f]{"no biases", func(in, out, k, h, w int) (int, int) { return out * in * k * k, out * in * k * k * h * w }, "the biases are missing"},
		wrongAnswer[f]{"kernel once", func(in, out, k, h, w int) (int, int) { return out * (in*k + 1), out * in * k * h * w }, "a kernel has kernel·kernel"},
		wrongAnswer[f]{"weights at each place", func(in, out, k, h, w int) (int, int) {
			return out * (in*k*k + 1) * h * w, out * in * k * k * h * w
		}, "the same at all places"},
		wrongAnswer[f]{"biases multiplied", func(in, out, k, h, w int) (int, int) {
			return out * (in*k*k + 1), out * (in*k*k + 1) * h * w
		}, "a bias is added, not multiplied"},
		wrongAnswer[f]{"one place", func(in, out, k, _, _ int) (int, int) { return out * (in*k*k + 1), out * in * k * k }, "multiplications at one place"},
		wrongAnswer[f]{"square", func(in, out, k, h, _ int) (int, int) { return out * (in*k*k + 1), out * in * k * k * h * h }, "need not be square"},
		wrongAnswer[f]{"one channel", func(in, out, k, h, w int) (int, int) { return out * (in*k*k + 1), in * k * k * h * w }, "of one output channel"},
		wrongAnswer[f]{"no inputs", func(in, out, k, h, w int) (int, int) { return out * (in*k*k + 1), out * k * k * h * w }, "adds up all input channels"},
		wrongAnswer[f]{"stub", func(_, _, _, _, _ int) (int, int) { panic(stubPanic) }, "not written yet"},
	)
}
