package answers

import "fashionlab/lessons"

// outputSize is the formula of torch.nn.Conv2d for dilation 1.
func outputSize(size, kernel, padding, stride int) int {
	return (size+2*padding-kernel)/stride + 1
}

func visibleOutputSize() []lessons.Case {
	return each(outputSizesCaseOf, [4]int{28, 5, 0, 1}, [4]int{28, 5, 2, 1}, [4]int{28, 3, 1, 2}, [4]int{17, 2, 0, 2})
}

// CheckOutputSizeFurther checks other sizes, kernels that just fit, and strides
// that do not divide what is left.
func CheckOutputSizeFurther(f func(size, kernel, padding, stride int) int) error {
	return check("OutputSize", f, outputSizesCaseOf, [4]int{28, 3, 2, 1}, [4]int{5, 5, 0, 1}, [4]int{7, 3, 1, 3}, [4]int{10, 4, 1, 3}, [4]int{224, 7, 3, 2}, [4]int{1, 3, 1, 1}, [4]int{4, 1, 0, 5})
}

// outputSizesCaseOf is a call, with the right result and those of typical mistakes.
func outputSizesCaseOf(c [4]int) lessons.Case {
	size, kernel, padding, stride := c[0], c[1], c[2], c[3]
	want := outputSize(size, kernel, padding, stride)
	causes := []lessons.Cause{
		lessons.Gives((size+2*padding)/stride-kernel+1, "only the size is divided by the stride: subtract the kernel first"),
		lessons.Gives(want-1, "one place is missing: with n steps between them there are n + 1 places, so add 1 after the division"),
		lessons.Gives((size+padding-kernel)/stride+1, "the padding is on both sides, so it counts twice"),
		lessons.Gives((size-kernel)/stride+1, "the padding is left out: it makes the image 2·padding larger"),
		lessons.Gives(size+2*padding-kernel+1, "the stride is left out: divide by it"),
		lessons.Gives((size+2*padding-kernel+stride-1)/stride+1, "the division is rounded up; a step that would carry the kernel over the edge is not taken, so round down, as Go's division of whole numbers does"),
		lessons.Gives((size+2*padding-kernel+1)/stride, "the 1 is divided by the stride, too: add it after the division"),
		lessons.Otherwise("the kernel's first place is 0 and its last at most size + 2·padding − kernel; count the places, `stride` apart"),
	}
	return lessons.One(want, causes, size, kernel, padding, stride)
}
