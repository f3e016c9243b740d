package answers

import (
	"testing"

	"fashionlab/lessons"
)

type channelsFunc = func(image [][][]float64, kernels [][][][]float64, bias []float64, padding int) [][][]float64

// channelsWith returns a convolution of several channels with a typical mistake.
func channelsWith(slip channelSlip) channelsFunc {
	return func(image [][][]float64, kernels [][][][]float64, bias []float64, padding int) [][][]float64 {
		return convolveChannels(image, kernels, bias, padding, slip)
	}
}

func TestConvolveChannelsChecksTellTypicalAnswersApart(t *testing.T) {
	testChecks(t, []func(channelsFunc) error{lessons.CheckConvolveChannels, CheckConvolveChannelsFurther}, channelsWith(sumsChannels),
		wrongAnswer[channelsFunc]{"no bias", channelsWith(forgetsBias), "the bias is missing"},
		wrongAnswer[channelsFunc]{"bias per input channel", channelsWith(addsBiasPerChannel), "once for each input channel"},
		wrongAnswer[channelsFunc]{"first bias", channelsWith(addsSameBias), "gets bias[0]"},
		wrongAnswer[channelsFunc]{"channels overwritten", channelsWith(overwritesChannels), "only the last input channel"},
		wrongAnswer[channelsFunc]{"first channel", channelsWith(seesFirstChannel), "only the first input channel"},
		wrongAnswer[channelsFunc]{"channels averaged", channelsWith(averagesChannels), "the channels are averaged"},
		wrongAnswer[channelsFunc]{"kernels of the first output", channelsWith(sharesFirstKernels), "all output channels use"},
		wrongAnswer[channelsFunc]{"one kernel for all inputs", channelsWith(sharesKernelOfInput), "with the same kernel"},
		wrongAnswer[channelsFunc]{"an output for each input", func(image [][][]float64, kernels [][][][]float64, bias []float64, padding int) [][][]float64 {
			return convolveChannels(image, kernels, bias, padding, sumsChannels)[:min(len(image), len(kernels))]
		}, "output channels, expected"},
		wrongAnswer[channelsFunc]{"no padding", func(image [][][]float64, kernels [][][][]float64, bias []float64, _ int) [][][]float64 {
			return convolveChannels(image, kernels, bias, 0, sumsChannels)
		}, "the formula for output sizes"},
		wrongAnswer[channelsFunc]{"stub", func([][][]float64, [][][][]float64, []float64, int) [][][]float64 { panic(stubPanic) }, "not written yet"},
	)
}
