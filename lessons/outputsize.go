package lessons

// outputSize is the formula of torch.nn.Conv2d for dilation 1.
func outputSize(size, kernel, padding, stride int) int {
	return (size+2*padding-kernel)/stride + 1
}

// CheckOutputSize checks a function that computes how large the output of a
// convolution is.
func CheckOutputSize(f func(size, kernel, padding, stride int) int) error {
	return checkOutputSizes(f, [][4]int{{28, 5, 0, 1}, {28, 5, 2, 1}, {28, 3, 1, 2}, {17, 2, 0, 2}})
}

// CheckOutputSizeFurther checks other sizes, kernels that just fit, and strides
// that do not divide what is left.
func CheckOutputSizeFurther(f func(size, kernel, padding, stride int) int) error {
	return checkOutputSizes(f, [][4]int{{28, 3, 2, 1}, {5, 5, 0, 1}, {7, 3, 1, 3}, {10, 4, 1, 3}, {224, 7, 3, 2}, {1, 3, 1, 1}, {4, 1, 0, 5}})
}

func checkOutputSizes(f func(size, kernel, padding, stride int) int, cases [][4]int) error {
	for _, c := range cases {
		size, kernel, padding, stride := c[0], c[1], c[2], c[3]
		call := callOf("OutputSize", size, kernel, padding, stride)
		var got int
		if err := call.run(func() { got = f(size, kernel, padding, stride) }); err != nil {
			return err
		}
		want := outputSize(size, kernel, padding, stride)
		if got == want {
			continue
		}
		return call.wrong(got, want, "%s", likelyCause(got, sameNumber,
			"the kernel's first place is 0 and its last at most size + 2·padding − kernel; count the places, stride apart",
			mistake[int]{(size+2*padding)/stride - kernel + 1, "only the size is divided by the stride: subtract the kernel first"},
			mistake[int]{want - 1, "one place is missing: with n steps between them there are n + 1 places, so add 1 after the division"},
			mistake[int]{(size+padding-kernel)/stride + 1, "the padding is on both sides, so it counts twice"},
			mistake[int]{(size-kernel)/stride + 1, "the padding is left out: it makes the image 2·padding larger"},
			mistake[int]{size + 2*padding - kernel + 1, "the stride is left out: divide by it"},
			mistake[int]{(size+2*padding-kernel+stride-1)/stride + 1, "the division is rounded up; a step that would carry the kernel over the edge is not taken, so round down, as Go's division of whole numbers does"},
			mistake[int]{(size + 2*padding - kernel + 1) / stride, "the 1 is divided by the stride, too: add it after the division"},
		))
	}
	return nil
}
