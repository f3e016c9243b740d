package answers

import "fashionlab/lessons"

func visibleConvolutionCost() []lessons.Case {
	return []lessons.Case{
		convolutionCostCaseOf(3, 4, 5, 7, 6),
		convolutionCostCaseOf(32, 64, 3, 17, 17),
	}
}

// CheckConvolutionCostFurther checks other sizes.
func CheckConvolutionCostFurther(f func(in, out, kernel, height, width int) (weights, multiplications int)) error {
	return checkCases("ConvolutionCost", f,
		convolutionCostCaseOf(1, 32, 3, 30, 30),
		convolutionCostCaseOf(64, 128, 1, 8, 9),
		convolutionCostCaseOf(128, 2, 7, 1, 1))
}

// convolutionCostCaseOf is a call, with the right results and those of typical mistakes.
func convolutionCostCaseOf(in, out, kernel, height, width int) lessons.Case {
	each := in * out * kernel * kernel
	return lessons.Case{
		Arguments: []any{in, out, kernel, height, width},
		Results: []lessons.Result{
			{Verb: "has {got} weights", Want: each + out, Causes: []lessons.Cause{
				lessons.Gives(each, "the biases are missing, one for each output channel"),
				lessons.Gives(in*out*kernel+out, "a kernel has kernel·kernel weights"),
				lessons.Gives(out*kernel*kernel+out, "each output channel has a kernel for each input channel: `in` is missing"),
				lessons.Gives(each*height*width+out, "the weights are the same at all places; height and width belong to the multiplications only"),
				lessons.Gives((each+out)*height*width, "the weights are the same at all places; height and width belong to the multiplications only"),
				lessons.Otherwise("a kernel of kernel·kernel for each pair of an input and an output channel, and a bias for each output channel"),
			}},
			{Verb: "has {got} multiplications", Want: each * height * width, Causes: []lessons.Cause{
				lessons.Gives((each+out)*height*width, "a bias is added, not multiplied: leave it out here"),
				lessons.Gives(each*height*width+out, "a bias is added, not multiplied: leave it out here"),
				lessons.Gives(each, "these are the multiplications at one place; the kernel is moved to height·width places"),
				lessons.Gives(each*height, "the kernel is moved to height·width places, not to height"),
				lessons.Gives(each*height*height, "the output need not be square: height·width"),
				lessons.Gives(in*kernel*kernel*height*width, "these are those of one output channel; there are `out` of them"),
				lessons.Gives(out*kernel*kernel*height*width, "each output number adds up all input channels: `in` is missing"),
				lessons.Otherwise("each of the out·height·width numbers of the output takes in·kernel·kernel multiplications"),
			}},
		},
	}
}
