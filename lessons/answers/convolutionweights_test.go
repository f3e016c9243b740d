package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestConvolutionWeightsChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(in, out, kernel int) int
	testChecks(t, []func(f) error{lessons.CheckConvolutionWeights, CheckConvolutionWeightsFurther},
		func(in, out, k int) int { return out * (in*k*k + 1) },
		wrongAnswer[f]{"no biases", func(in, out, k int) int { return in * out * k * k }, "the biases are missing"},
		wrongAnswer[f]{"kernel not squared", func(in, out, k int) int { return in*out*k + out }, "not just kernel"},
		wrongAnswer[f]{"no input channels", func(_, out, k int) int { return out*k*k + out }, "the number of input channels is missing"},
		wrongAnswer[f]{"bias of each kernel", func(in, out, k int) int { return in * out * (k*k + 1) }, "not to each kernel"},
		wrongAnswer[f]{"bias of inputs", func(in, out, k int) int { return in*out*k*k + in }, "not for each input channel"},
		wrongAnswer[f]{"one bias", func(in, out, k int) int { return in*out*k*k + 1 }, "one bias is not enough"},
		wrongAnswer[f]{"a weight for each pixel", func(_, out, _ int) int { return 28*28*out + out }, "the same at every place"},
		wrongAnswer[f]{"a constant", func(_, _, _ int) int { return 417 }, "each of the `out` channels has"},
		wrongAnswer[f]{"stub", func(_, _, _ int) int { panic(stubPanic) }, "not written yet"},
	)
}
