package answers

import (
	"slices"

	"fashionlab/lessons"
)

// A convolutionBackward is what the backward pass of a convolution needs.
type convolutionBackward struct{ image, kernel, dOutput [][]float64 }

func visibleConvolveBackward() []lessons.Case {
	return each(convolveBackwardCaseOf,
		convolutionBackward{
			image:   [][]float64{{1, 2, 0, 3}, {0, 1, 4, 1}, {2, 0, 1, 5}},
			kernel:  [][]float64{{1, -2}, {3, 0.5}},
			dOutput: [][]float64{{0, 0, 0}, {0, 0, 1}}, // one place of the kernel alone
		},
		convolutionBackward{
			image:   [][]float64{{1, 2, 0, 3}, {0, 1, 4, 1}, {2, 0, 1, 5}},
			kernel:  [][]float64{{1, -2}, {3, 0.5}},
			dOutput: [][]float64{{0.5, -1, 2}, {1.5, 0.25, -0.75}},
		})
}

// CheckConvolveBackwardFurther checks kernels of one element, kernels as large as the image, kernels
// that are not square, and larger random cases.
func CheckConvolveBackwardFurther(backward func(image, kernel, dOutput [][]float64) (dImage, dKernel [][]float64)) error {
	return check("ConvolveBackward", backward, convolveBackwardCaseOf,
		convolutionBackward{randomRows(201, 4, 3), randomRows(202, 1, 1), randomRows(203, 4, 3)},
		convolutionBackward{randomRows(204, 3, 3), randomRows(205, 3, 3), randomRows(206, 1, 1)},
		convolutionBackward{randomRows(207, 5, 6), randomRows(208, 2, 3), randomRows(209, 4, 4)},
		convolutionBackward{randomRows(210, 7, 6), randomRows(211, 3, 3), randomRows(212, 5, 4)})
}

// zeros returns a matrix of zeros with the shape of another one.
func zeros(like [][]float64) [][]float64 {
	out := make([][]float64, len(like))
	for i := range out {
		out[i] = make([]float64, len(like[i]))
	}
	return out
}

// turned returns a matrix turned by 180°.
func turned(matrix [][]float64) [][]float64 {
	out := zeros(matrix)
	for i, row := range matrix {
		for j, v := range row {
			out[len(out)-1-i][len(row)-1-j] = v
		}
	}
	return out
}

// convolveBackward is the reference.
func convolveBackward(image, kernel, dOutput [][]float64) (dImage, dKernel [][]float64) {
	dImage, dKernel = zeros(image), zeros(kernel)
	eachProduct(kernel, dOutput, func(i, j, y, x int) {
		dImage[y+i][x+j] += kernel[i][j] * dOutput[y][x]
		dKernel[i][j] += image[y+i][x+j] * dOutput[y][x]
	})
	return dImage, dKernel
}

// eachProduct goes through the products of a convolution.
func eachProduct(kernel, output [][]float64, f func(i, j, y, x int)) {
	for y := range output {
		for x := range output[y] {
			for i := range kernel {
				for j := range kernel[i] {
					f(i, j, y, x)
				}
			}
		}
	}
}

// convolveBackwardCaseOf is a call, with the right results and those of typical mistakes.
func convolveBackwardCaseOf(k convolutionBackward) lessons.Case {
	dImage, dKernel := convolveBackward(k.image, k.kernel, k.dOutput)
	places := float64(len(k.dOutput) * len(k.dOutput[0]))
	ofTurned, _ := convolveBackward(k.image, turned(k.kernel), k.dOutput)
	lastImage, lastKernel, unmoved, plain := zeros(k.image), zeros(k.kernel), zeros(k.kernel), zeros(k.image)
	eachProduct(k.kernel, k.dOutput, func(i, j, y, x int) {
		lastImage[y+i][x+j] = k.kernel[i][j] * k.dOutput[y][x]
		lastKernel[i][j] = k.image[y+i][x+j] * k.dOutput[y][x]
		unmoved[i][j] += k.image[y][x] * k.dOutput[y][x]
		plain[y+i][x+j] += k.dOutput[y][x]
	})
	negative := func(v float64) float64 { return -v }
	shape := func(name, of string, want [][]float64) []lessons.Cause {
		return []lessons.Cause{
			lessons.If(lessons.Sized, "%s is empty; begin with zeros in the shape of the %s", name, of).With(0, 0),
			lessons.If(lessons.WrongSize, "a gradient has the shape of what it belongs to: %s has %d rows and %d columns, as the %s", name, len(want), len(want[0]), of),
		}
	}
	imageCauses := shape("dImage", "image", dImage)
	if len(k.image) != len(k.kernel) || len(k.image[0]) != len(k.kernel[0]) {
		exchanged := lessons.If(lessons.Sized, "dImage has the shape of the kernel: dImage is the first result, and dKernel the second").With(float64(len(k.kernel)), float64(len(k.kernel[0])))
		imageCauses = slices.Insert(imageCauses, 1, exchanged)
	}
	imageCauses = append(imageCauses,
		lessons.Gives(zeros(dImage), "all values of dImage are 0; add kernel[i][j]·dOutput[y][x] to dImage[y+i][x+j]"),
		lessons.Gives(ofTurned, "the kernel is turned by 180° for dImage; if you use `Convolve` on a padded dOutput, turn the kernel, and if you go through the products one by one, do not"),
		lessons.Gives(lastImage, "only the last contribution to each pixel is left: a pixel is used at several places of the kernel, so add with += for dImage"),
		lessons.Gives(plain, "the weights are missing in dImage: the pixel has the factor kernel[i][j]"),
		lessons.Gives(mappedRows(dImage, negative), "the sign of dImage is wrong: it is the gradient, and the step subtracts it later"),
		lessons.Otherwise("dImage[y+i][x+j] is the sum of kernel[i][j]·dOutput[y][x] over all products in which the pixel occurs"))
	kernelCauses := append(shape("dKernel", "kernel", dKernel),
		lessons.Gives(zeros(dKernel), "all values of dKernel are 0; add image[y+i][x+j]·dOutput[y][x] to dKernel[i][j]"),
		lessons.Gives(mappedRows(dKernel, func(v float64) float64 { return v / places }), "dKernel is divided by the number of places; a weight is used at all of them, and its gradient is the sum"),
		lessons.Gives(lastKernel, "only the last place of the kernel is left in dKernel: each weight is used at every place, so add with +="),
		lessons.Gives(unmoved, "dKernel takes image[y][x] for all weights; kernel[i][j] is multiplied by the pixel image[y+i][x+j]"),
		lessons.Gives(turned(dKernel), "dKernel is turned by 180°; dKernel[i][j] belongs to kernel[i][j]"),
		lessons.Gives(mappedRows(dKernel, negative), "the sign of dKernel is wrong: it is the gradient, and the step subtracts it later"),
		lessons.Otherwise("dKernel[i][j] is the sum of image[y+i][x+j]·dOutput[y][x] over all places y, x of the output"))
	return lessons.Case{
		Arguments: []any{k.image, k.kernel, k.dOutput},
		Results: []lessons.Result{
			{Verb: "gives dImage = {got}", Want: dImage, Causes: imageCauses},
			{Verb: "gives dKernel = {got}", Want: dKernel, Causes: kernelCauses},
		},
	}
}
