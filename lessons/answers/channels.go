package answers

import "fashionlab/lessons"

// channelSlip is a typical mistake in a convolution of several channels.
type channelSlip int

const (
	sumsChannels channelSlip = iota
	forgetsBias
	addsBiasPerChannel
	addsSameBias
	overwritesChannels
	seesFirstChannel
	averagesChannels
	sharesFirstKernels
	sharesKernelOfInput
)

// convolveChannels is the definition of torch.nn.functional.conv2d for one
// image, or what becomes of it with a slip: image [in][height][width],
// kernels [out][in][size][size], bias [out], result [out][height][width].
func convolveChannels(image [][][]float64, kernels [][][][]float64, bias []float64, padding int, slip channelSlip) [][][]float64 {
	out := make([][][]float64, len(kernels))
	for o := range kernels {
		for c := range image {
			if slip == seesFirstChannel && c > 0 {
				break
			}
			kernel := kernels[o][c]
			switch slip {
			case sharesFirstKernels:
				kernel = kernels[0][c]
			case sharesKernelOfInput:
				kernel = kernels[o][0]
			}
			part := convolve(image[c], kernel, padding, 1, noSlip)
			if out[o] == nil || slip == overwritesChannels {
				out[o] = part
				continue
			}
			for y := range part {
				for x := range part[y] {
					out[o][y][x] += part[y][x]
				}
			}
		}
		for y := range out[o] {
			for x := range out[o][y] {
				switch slip {
				case forgetsBias:
				case averagesChannels:
					out[o][y][x] = out[o][y][x]/float64(len(image)) + bias[o]
				case addsBiasPerChannel:
					out[o][y][x] += float64(len(image)) * bias[o]
				case addsSameBias:
					out[o][y][x] += bias[0]
				default:
					out[o][y][x] += bias[o]
				}
			}
		}
	}
	return out
}

var channelCauses = []struct {
	slip  channelSlip
	cause string
}{
	{forgetsBias, "the bias is missing: add bias[o] to every value of output channel o"},
	{addsBiasPerChannel, "the bias is added once for each input channel: it belongs to the output channel, and is added once"},
	{addsSameBias, "every output channel gets bias[0]; channel o has bias[o]"},
	{seesFirstChannel, "only the first input channel is looked at: add up what the kernels find in all of them"},
	{overwritesChannels, "only the last input channel is left: add the channels up instead of replacing one by the next"},
	{averagesChannels, "the channels are averaged; they are added up"},
	{sharesFirstKernels, "all output channels use the kernels of the first: output channel o has kernels[o]"},
	{sharesKernelOfInput, "all input channels are convolved with the same kernel: channel c of the image goes with kernels[o][c]"},
}

// The kernels of the checks: three output channels for two input channels.
var (
	twoChannels = [][][]float64{
		{{1, 2, 0}, {0, 1, 3}, {2, 0, 1}, {1, 1, 0}},
		{{0, 1, 1}, {2, 0, 0}, {1, 3, 0}, {0, 2, 1}},
	}
	threeByTwo = [][][][]float64{
		{{{1, 0}, {0, 2}}, {{0, 1}, {-1, 0}}},
		{{{0, 3}, {1, 0}}, {{2, 0}, {0, 1}}},
		{{{-1, 1}, {2, 0}}, {{1, 1}, {0, -2}}},
	}
	threeBiases = []float64{0.5, -10, 100}
)

func visibleConvolveChannels() []lessons.Case {
	return []lessons.Case{
		// One channel in and out, then two in, then three out.
		channelsCaseOf(twoChannels[:1], [][][][]float64{threeByTwo[0][:1]}, threeBiases[:1], 0),
		channelsCaseOf(twoChannels, threeByTwo[:1], threeBiases[:1], 0),
		channelsCaseOf(twoChannels, threeByTwo, threeBiases, 0),
	}
}

// CheckConvolveChannelsFurther checks padding, three input channels, and that
// the output has as many channels as there are kernels, whatever the input has.
func CheckConvolveChannelsFurther(f func(image [][][]float64, kernels [][][][]float64, bias []float64, padding int) [][][]float64) error {
	three := [][][]float64{ramp, transposed(ramp), ramp}
	kernels := [][][][]float64{
		{tilted, transposed(tilted), {{0, 0, 1}, {0, 0, 0}, {1, 0, 0}}},
		{transposed(tilted), {{1, 0, 0}, {0, 0, 0}, {0, 0, 1}}, tilted},
	}
	one := [][][][]float64{{tilted}, {transposed(tilted)}, {{{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}}, {tilted}}
	return checkCases("ConvolveChannels", f,
		channelsCaseOf(three, kernels, []float64{3, -1}, 1),
		channelsCaseOf([][][]float64{wide}, one, []float64{0, 1, 2, 3}, 2))
}

// channelsCaseOf is a call, with the right result and those of typical mistakes.
func channelsCaseOf(image [][][]float64, kernels [][][][]float64, bias []float64, padding int) lessons.Case {
	want := convolveChannels(image, kernels, bias, padding, sumsChannels)
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "has {length} output channels, expected %d: there are as many as kernels, len(kernels)", len(want)).Alone(),
	}
	for _, known := range channelCauses {
		causes = append(causes, lessons.Gives(convolveChannels(image, kernels, bias, padding, known.slip), "%s", known.cause))
	}
	causes = append(causes, sizeCauses(want[0])...)
	causes = append(causes, lessons.Otherwise("output channel o is the sum over the channels c of Convolve(image[c], kernels[o][c], padding, 1), plus bias[o]"))
	return lessons.One(want, causes, image, kernels, bias, padding)
}
