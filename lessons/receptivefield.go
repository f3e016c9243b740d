package lessons

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

// CheckReceptiveField checks a function that computes how many pixels an output
// of several layers sees.
func CheckReceptiveField(f func(kernels, strides []int) int) error {
	return firstError(
		checkReceptiveField(f, []int{5}, []int{1}),
		checkReceptiveField(f, []int{3, 3}, []int{1, 1}),
		checkReceptiveField(f, []int{2, 3}, []int{2, 1}),
		checkReceptiveField(f, []int{5, 2, 5, 2}, []int{1, 2, 1, 2}))
}

// CheckReceptiveFieldFurther checks deeper chains, kernels smaller than their
// stride, and no layer at all.
func CheckReceptiveFieldFurther(f func(kernels, strides []int) int) error {
	return firstError(
		checkReceptiveField(f, []int{3, 2, 3, 2, 3, 2}, []int{1, 2, 1, 2, 1, 2}),
		checkReceptiveField(f, []int{7, 3, 3}, []int{2, 2, 1}),
		checkReceptiveField(f, []int{1, 1, 4}, []int{3, 2, 1}),
		checkReceptiveField(f, []int{}, []int{}))
}

func checkReceptiveField(f func(kernels, strides []int) int, kernels, strides []int) error {
	call := callOf("ReceptiveField", kernels, strides)
	var got int
	if err := call.run(func() { got = f(kernels, strides) }); err != nil {
		return err
	}
	want := receptiveField(kernels, strides)
	if got == want {
		return nil
	}
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
	return call.wrong(got, want, "%s", likelyCause(got, sameNumber,
		"begin with 1 pixel and steps of 1; each layer adds (kernel − 1) · step, and then multiplies the step by its stride",
		mistake[int]{sum, "the kernels are added up: a second kernel of size k reaches only k − 1 further, since its neighbours' fields overlap"},
		mistake[int]{lastStride, "only the stride of the layer just before counts here; the steps multiply: after two poolings by 2 neighbours are 4 pixels apart"},
		mistake[int]{want - 1, "begin with 1: with no layer at all, an output sees its own pixel"},
		mistake[int]{whole, "each layer adds kernel − 1 steps, not kernel: one of them is on what is seen already"},
		mistake[int]{noStrides, "the strides are ignored: behind a pooling by 2, neighbours are 2 pixels of the image apart"},
		mistake[int]{ownStride, "a layer's own stride comes too early: its kernel is on the outputs before it, so multiply the step only after adding"},
		mistake[int]{jump, "this is the step between neighbouring outputs, the product of the strides; the field is what one output sees"},
	))
}
