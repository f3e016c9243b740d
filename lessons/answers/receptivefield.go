package answers

import "fashionlab/lessons"

// receptiveField is how many input pixels, in each direction, one output of a
// chain of convolutions and poolings depends on; see
// https://distill.pub/2019/computing-receptive-fields/, equation 2.
func receptiveField(kernels, strides []int) int {
	field, jump := 1, 1
	for i := range kernels {
		field += (kernels[i] - 1) * jump
		jump *= strides[i]
	}
	return field
}

func visibleReceptiveField() []lessons.Case {
	return []lessons.Case{
		receptiveFieldCaseOf([]int{5}, []int{1}),
		receptiveFieldCaseOf([]int{3, 3}, []int{1, 1}),
		receptiveFieldCaseOf([]int{2, 3}, []int{2, 1}),
		receptiveFieldCaseOf([]int{5, 2, 5, 2}, []int{1, 2, 1, 2}),
	}
}

// CheckReceptiveFieldFurther checks deeper chains, kernels smaller than their
// stride, and no layer at all.
func CheckReceptiveFieldFurther(f func(kernels, strides []int) int) error {
	return checkCases("ReceptiveField", f,
		receptiveFieldCaseOf([]int{3, 2, 3, 2, 3, 2}, []int{1, 2, 1, 2, 1, 2}),
		receptiveFieldCaseOf([]int{7, 3, 3}, []int{2, 2, 1}),
		receptiveFieldCaseOf([]int{1, 1, 4}, []int{3, 2, 1}),
		receptiveFieldCaseOf([]int{}, []int{}))
}

// receptiveFieldCaseOf is a call, with the right result and those of typical mistakes.
func receptiveFieldCaseOf(kernels, strides []int) lessons.Case {
	want := receptiveField(kernels, strides)
	// What typical mistakes lead to, layer by layer.
	sum, whole, noStrides, ownStride, lastStride := 0, 1, 1, 1, 1
	jump, before := 1, 1
	for i, k := range kernels {
		sum += k
		whole += k * jump
		noStrides += k - 1
		lastStride += (k - 1) * before
		jump, before = jump*strides[i], strides[i]
		ownStride += (k - 1) * jump
	}
	causes := []lessons.Cause{
		lessons.Gives(sum, "the kernels are added up: a second kernel of size k reaches only k − 1 further, since its neighbours' fields overlap"),
		lessons.Gives(lastStride, "only the stride of the layer just before counts here; the steps multiply: after two poolings by 2 neighbours are 4 pixels apart"),
		lessons.Gives(want-1, "begin with 1: with no layer at all, an output sees its own pixel"),
		lessons.Gives(whole, "each layer adds kernel − 1 steps, not kernel: one of them is on what is seen already"),
		lessons.Gives(noStrides, "the strides are ignored: after a pooling by 2, neighbours are 2 pixels of the image apart"),
		lessons.Gives(ownStride, "a layer's own stride comes too early: its kernel is on the outputs before it, so multiply the step only after adding"),
		lessons.Gives(jump, "this is the step between neighbouring outputs, the product of the strides; the field is what one output sees"),
		lessons.Otherwise("begin with 1 pixel and steps of 1; each layer adds (kernel − 1) · step, and then multiplies the step by its stride"),
	}
	return lessons.One(want, causes, kernels, strides)
}
