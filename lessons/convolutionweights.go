package lessons

// CheckConvolutionWeights checks a function that counts the weights and biases of
// a convolution.
func CheckConvolutionWeights(f func(in, out, kernel int) int) error {
	return checkConvolutionWeights(f, [][3]int{{3, 16, 5}, {1, 16, 5}, {16, 32, 5}})
}

// CheckConvolutionWeightsFurther checks other channels and kernels.
func CheckConvolutionWeightsFurther(f func(in, out, kernel int) int) error {
	return checkConvolutionWeights(f, [][3]int{{32, 64, 3}, {64, 128, 3}, {3, 7, 1}, {128, 1, 2}})
}

func checkConvolutionWeights(f func(in, out, kernel int) int, cases [][3]int) error {
	for _, c := range cases {
		in, out, kernel := c[0], c[1], c[2]
		call := callOf("ConvolutionWeights", in, out, kernel)
		var got int
		if err := call.run(func() { got = f(in, out, kernel) }); err != nil {
			return err
		}
		want := in*out*kernel*kernel + out
		if got == want {
			continue
		}
		return call.wrong(got, want, "%s", likelyCause(got, sameNumber,
			"each of the out channels has a kernel of kernel·kernel weights for each of the in channels, and one bias",
			mistake[int]{in * out * kernel * kernel, "the biases are missing: one for each output channel"},
			mistake[int]{in*out*kernel + out, "a kernel has kernel·kernel weights, not just kernel"},
			mistake[int]{out*kernel*kernel + out, "each output channel has a kernel of its own for each input channel: the number of input channels is missing"},
			mistake[int]{in*out*kernel*kernel + in*out, "a bias belongs to an output channel, not to each kernel: there are out of them"},
			mistake[int]{in*out*kernel*kernel + in, "there is a bias for each output channel, not for each input channel"},
			mistake[int]{in*out*kernel*kernel + 1, "one bias is not enough: each output channel has its own"},
			mistake[int]{in*out*kernel*kernel + out*kernel*kernel, "a bias is one number, not a kernel of them"},
			mistake[int]{28*28*out + out, "this counts a weight for each pixel; a kernel is the same at every place"},
		))
	}
	return nil
}
