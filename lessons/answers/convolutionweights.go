package answers

import "fashionlab/lessons"

func visibleConvolutionWeights() []lessons.Case {
	return each(convolutionWeightsCaseOf, [3]int{3, 16, 5}, [3]int{1, 16, 5}, [3]int{16, 32, 5})
}

// CheckConvolutionWeightsFurther checks other channels and kernels.
func CheckConvolutionWeightsFurther(f func(in, out, kernel int) int) error {
	return check("ConvolutionWeights", f, convolutionWeightsCaseOf, [3]int{32, 64, 3}, [3]int{64, 128, 3}, [3]int{3, 7, 1}, [3]int{128, 1, 2})
}

// convolutionWeightsCaseOf is a call, with the right result and those of typical mistakes.
func convolutionWeightsCaseOf(c [3]int) lessons.Case {
	in, out, kernel := c[0], c[1], c[2]
	want := in*out*kernel*kernel + out
	causes := []lessons.Cause{
		lessons.Gives(in*out*kernel*kernel, "the biases are missing: one for each output channel"),
		lessons.Gives(in*out*kernel+out, "a kernel has kernel·kernel weights, not just kernel"),
		lessons.Gives(out*kernel*kernel+out, "each output channel has a kernel of its own for each input channel: the number of input channels is missing"),
		lessons.Gives(in*out*kernel*kernel+in*out, "a bias belongs to an output channel, not to each kernel: there are `out` of them"),
		lessons.Gives(in*out*kernel*kernel+in, "there is a bias for each output channel, not for each input channel"),
		lessons.Gives(in*out*kernel*kernel+1, "one bias is not enough: each output channel has its own"),
		lessons.Gives(in*out*kernel*kernel+out*kernel*kernel, "a bias is one number, not a kernel of them"),
		lessons.Gives(28*28*out+out, "this counts a weight for each pixel; a kernel is the same at every place"),
		lessons.Otherwise("each of the `out` channels has a kernel of kernel·kernel weights for each of the `in` channels, and one bias"),
	}
	return lessons.One(want, causes, in, out, kernel)
}
