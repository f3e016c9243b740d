package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestConvolveBackwardChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(image, kernel, dOutput [][]float64) (dImage, dKernel [][]float64)
	// after changes the right results.
	after := func(change func(k convolutionBackward, dImage, dKernel *[][]float64)) f {
		return func(image, kernel, dOutput [][]float64) (dImage, dKernel [][]float64) {
			dImage, dKernel = convolveBackward(image, kernel, dOutput)
			change(convolutionBackward{image, kernel, dOutput}, &dImage, &dKernel)
			return dImage, dKernel
		}
	}
	testChecks(t, []func(f) error{lessons.CheckConvolveBackward, CheckConvolveBackwardFurther}, convolveBackward,
		wrongAnswer[f]{"the stub", func(_, _, _ [][]float64) (_, _ [][]float64) { panic(stubPanic) }, "not written yet"},
		wrongAnswer[f]{"a turned kernel", after(func(k convolutionBackward, dImage, _ *[][]float64) {
			*dImage, _ = convolveBackward(k.image, turned(k.kernel), k.dOutput)
		}), "the kernel is turned by 180° for dImage"},
		wrongAnswer[f]{"= in place of +=", after(func(k convolutionBackward, dImage, _ *[][]float64) {
			eachProduct(k.kernel, k.dOutput, func(i, j, y, x int) { (*dImage)[y+i][x+j] = k.kernel[i][j] * k.dOutput[y][x] })
		}), "only the last contribution to each pixel"},
		wrongAnswer[f]{"no weights", after(func(k convolutionBackward, dImage, _ *[][]float64) {
			*dImage = zeros(k.image)
			eachProduct(k.kernel, k.dOutput, func(i, j, y, x int) { (*dImage)[y+i][x+j] += k.dOutput[y][x] })
		}), "the weights are missing in dImage"},
		wrongAnswer[f]{"the shape of the output", after(func(k convolutionBackward, dImage, _ *[][]float64) { *dImage = zeros(k.dOutput) }), "dImage has 3 rows and 4 columns, as the image"},
		wrongAnswer[f]{"exchanged", after(func(_ convolutionBackward, dImage, dKernel *[][]float64) { *dImage, *dKernel = *dKernel, *dImage }), "dImage is the first result"},
		wrongAnswer[f]{"uphill", after(func(_ convolutionBackward, dImage, _ *[][]float64) {
			*dImage = mappedRows(*dImage, func(v float64) float64 { return -v })
		}), "the sign of dImage"},
		wrongAnswer[f]{"no dImage", after(func(k convolutionBackward, dImage, _ *[][]float64) { *dImage = zeros(k.image) }), "all values of dImage are 0"},
		wrongAnswer[f]{"nothing", func(_, _, _ [][]float64) (_, _ [][]float64) { return nil, nil }, "dImage is empty"},
		wrongAnswer[f]{"another image", after(func(_ convolutionBackward, dImage, _ *[][]float64) { (*dImage)[0][0]++ }), "over all products in which the pixel occurs"},
		wrongAnswer[f]{"the mean", after(func(k convolutionBackward, _, dKernel *[][]float64) {
			n := float64(len(k.dOutput) * len(k.dOutput[0]))
			*dKernel = mappedRows(*dKernel, func(v float64) float64 { return v / n })
		}), "divided by the number of places"},
		wrongAnswer[f]{"the last place", after(func(k convolutionBackward, _, dKernel *[][]float64) {
			eachProduct(k.kernel, k.dOutput, func(i, j, y, x int) { (*dKernel)[i][j] = k.image[y+i][x+j] * k.dOutput[y][x] })
		}), "only the last place of the kernel"},
		wrongAnswer[f]{"one pixel for all weights", after(func(k convolutionBackward, _, dKernel *[][]float64) {
			*dKernel = zeros(k.kernel)
			eachProduct(k.kernel, k.dOutput, func(i, j, y, x int) { (*dKernel)[i][j] += k.image[y][x] * k.dOutput[y][x] })
		}), "takes image[y][x] for all weights"},
		wrongAnswer[f]{"a turned gradient", after(func(_ convolutionBackward, _, dKernel *[][]float64) { *dKernel = turned(*dKernel) }), "dKernel is turned by 180°"},
		wrongAnswer[f]{"uphill with the kernel", after(func(_ convolutionBackward, _, dKernel *[][]float64) {
			*dKernel = mappedRows(*dKernel, func(v float64) float64 { return -v })
		}), "the sign of dKernel"},
		wrongAnswer[f]{"no dKernel", after(func(k convolutionBackward, _, dKernel *[][]float64) { *dKernel = zeros(k.kernel) }), "all values of dKernel are 0"},
		wrongAnswer[f]{"another kernel", after(func(_ convolutionBackward, _, dKernel *[][]float64) { (*dKernel)[0][0]++ }), "over all places y, x of the output"},
	)
}

func TestTheBackwardPassOfAConvolutionGivesTheSlopesOfItsOutput(t *testing.T) {
	k := convolutionBackward{randomRows(1, 5, 6), randomRows(2, 2, 3), randomRows(3, 4, 4)}
	dImage, dKernel := convolveBackward(k.image, k.kernel, k.dOutput)
	loss := func() float64 { return dotRows(convolve(k.image, k.kernel, 0, 1, noSlip), k.dOutput) }
	expectSlopes(t, "image", k.image, dImage, loss)
	expectSlopes(t, "kernel", k.kernel, dKernel, loss)
}

// dotRows is the sum of the products of two matrices, a loss whose gradient is weights.
func dotRows(values, weights [][]float64) float64 {
	sum := 0.0
	for i, row := range values {
		for j, v := range row {
			sum += v * weights[i][j]
		}
	}
	return sum
}

// expectSlopes compares a gradient with central differences.
func expectSlopes(t *testing.T, name string, at, gradient [][]float64, loss func() float64) {
	t.Helper()
	for i, row := range at {
		for j, was := range row {
			const step = 1e-5
			row[j] = was + step
			up := loss()
			row[j] = was - step
			down := loss()
			row[j] = was
			if slope := (up - down) / (2 * step); !near(gradient[i][j], slope, 1e-8) {
				t.Errorf("%s[%d][%d]: gradient %v, slope %v", name, i, j, gradient[i][j], slope)
			}
		}
	}
}
