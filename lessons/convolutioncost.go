package lessons

// CheckConvolutionCost checks a function that counts what a convolution learns
// and what it multiplies.
func CheckConvolutionCost(f func(in, out, kernel, height, width int) (weights, multiplications int)) error {
	return firstError(
		checkConvolutionCost(f, 3, 4, 5, 7, 6),
		checkConvolutionCost(f, 32, 64, 3, 17, 17))
}

// CheckConvolutionCostFurther checks other sizes.
func CheckConvolutionCostFurther(f func(in, out, kernel, height, width int) (weights, multiplications int)) error {
	return firstError(
		checkConvolutionCost(f, 1, 32, 3, 30, 30),
		checkConvolutionCost(f, 64, 128, 1, 8, 9),
		checkConvolutionCost(f, 128, 2, 7, 1, 1))
}

func checkConvolutionCost(f func(in, out, kernel, height, width int) (weights, multiplications int), in, out, kernel, height, width int) error {
	call := callOf("ConvolutionCost", in, out, kernel, height, width)
	var weights, multiplications int
	if err := call.run(func() { weights, multiplications = f(in, out, kernel, height, width) }); err != nil {
		return err
	}
	each := in * out * kernel * kernel
	if want := each + out; weights != want {
		return call.failf("has %d weights, want %d: %s", weights, want, likelyCause(weights, sameNumber,
			"a kernel of kernel·kernel for each pair of an input and an output channel, and a bias for each output channel",
			mistake[int]{each, "the biases are missing, one for each output channel"},
			mistake[int]{in*out*kernel + out, "a kernel has kernel·kernel weights"},
			mistake[int]{out*kernel*kernel + out, "each output channel has a kernel for each input channel: in is missing"},
			mistake[int]{each*height*width + out, "the weights are the same at all places; height and width belong to the multiplications only"},
			mistake[int]{(each + out) * height * width, "the weights are the same at all places; height and width belong to the multiplications only"},
		))
	}
	want := each * height * width
	if multiplications == want {
		return nil
	}
	return call.failf("has %d multiplications, want %d: %s", multiplications, want, likelyCause(multiplications, sameNumber,
		"each of the out·height·width numbers of the output takes in·kernel·kernel multiplications",
		mistake[int]{(each + out) * height * width, "a bias is added, not multiplied: leave it out here"},
		mistake[int]{each*height*width + out, "a bias is added, not multiplied: leave it out here"},
		mistake[int]{each, "these are the multiplications at one place; the kernel is moved to height·width places"},
		mistake[int]{each * height, "the kernel is moved to height·width places, not to height"},
		mistake[int]{each * height * height, "the output need not be square: height·width"},
		mistake[int]{in * kernel * kernel * height * width, "these are those of one output channel; there are out of them"},
		mistake[int]{out * kernel * kernel * height * width, "each output number adds up all input channels: in is missing"},
	))
}
