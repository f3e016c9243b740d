package answers

import "fashionlab/lessons"

// convolveSlip is a typical mistake in a convolution written by hand.
type convolveSlip int

const (
	noSlip convolveSlip = iota
	flipsKernel
	transposesKernel
	averages
	keepsLastProduct
	keepsSum
	addsKernel
	oneTooFew
	replicatesEdge
	shiftsPadding
	padsOnce
	dropsPadding
	dropsStride
	stepsByOne
)

// convolve is the definition of torch.nn.functional.conv2d for one channel, or
// what becomes of it with a slip. Images have shape [height][width], kernels
// [height][width]; the padding holds zeros.
func convolve(image, kernel [][]float64, padding, stride int, slip convolveSlip) [][]float64 {
	switch slip {
	case dropsPadding:
		return convolve(image, kernel, 0, stride, noSlip)
	case dropsStride:
		return convolve(image, kernel, padding, 1, noSlip)
	}
	imageHeight, imageWidth := len(image), len(image[0])
	kernelHeight, kernelWidth := len(kernel), len(kernel[0])
	both := 2 * padding
	if slip == padsOnce {
		both = padding
	}
	height := max((imageHeight+both-kernelHeight)/stride+1, 0)
	width := max((imageWidth+both-kernelWidth)/stride+1, 0)
	if slip == oneTooFew {
		height, width = height-1, width-1
	}
	at := func(y, x int) float64 {
		if slip == replicatesEdge {
			y, x = min(max(y, 0), imageHeight-1), min(max(x, 0), imageWidth-1)
		}
		if y < 0 || y >= imageHeight || x < 0 || x >= imageWidth {
			return 0
		}
		return image[y][x]
	}
	step, offset := stride, padding
	switch slip {
	case stepsByOne:
		step = 1
	case shiftsPadding:
		offset = 0
	}
	out := make([][]float64, height)
	sum := 0.0
	for y := range out {
		out[y] = make([]float64, width)
		for x := range out[y] {
			if slip != keepsSum {
				sum = 0
			}
			for i := range kernelHeight {
				for j := range kernelWidth {
					weight := kernel[i][j]
					switch slip {
					case flipsKernel:
						weight = kernel[kernelHeight-1-i][kernelWidth-1-j]
					case transposesKernel:
						weight = kernel[j][i] // the kernels of the checks are square
					}
					product := weight * at(y*step+i-offset, x*step+j-offset)
					switch slip {
					case keepsLastProduct:
						sum = product
					case addsKernel:
						sum += weight + at(y*step+i-offset, x*step+j-offset)
					default:
						sum += product
					}
				}
			}
			out[y][x] = sum
			if slip == averages {
				out[y][x] /= float64(kernelHeight * kernelWidth)
			}
		}
	}
	return out
}

// convolveCauses says what to tell about each slip. Where two lead to the same
// answer, as missing padding and a missing row may, the likelier one comes first.
var convolveCauses = []struct {
	slip  convolveSlip
	cause string
}{
	{flipsKernel, "the kernel is turned by 180°, which is the mathematicians' convolution; networks leave it as it is: output[y][x] sums up kernel[i][j] · image[y+i][x+j]"},
	{transposesKernel, "the kernel's rows and columns are exchanged: kernel[i][j] belongs to the pixel i rows below and j columns to the right"},
	{averages, "the sum is divided by the number of elements: a convolution adds the products up and does not average"},
	{keepsLastProduct, "only the last product is left: add up with += instead of ="},
	{keepsSum, "each sum begins with the one before: set it to 0 for each place of the kernel"},
	{addsKernel, "weight and pixel are added; multiply them"},
	{dropsPadding, "the padding is ignored: the image grows by that many rows and columns of zeros on each side"},
	{padsOnce, "the padding is on one side only: there are as many rows of zeros below the image as above it"},
	{oneTooFew, "the last row and column are missing: the kernel also fits where its last element meets the last pixel"},
	{dropsStride, "the stride is ignored: from one output to the next the kernel moves by `stride` pixels"},
	{stepsByOne, "the size is right, but the kernel still moves by one pixel: output[y][x] begins at row y·stride of the padded image"},
	{replicatesEdge, "the padding repeats the image's edge; it must hold zeros"},
	{shiftsPadding, "the image is in the corner of the padding, not in its middle: row y of the padded image is row y − padding of the image"},
}

// A convolution is one call of a student's Convolve.
type convolution struct {
	image, kernel   [][]float64
	padding, stride int
}

// The images and kernels of the checks have no symmetry that could hide a slip.
var (
	ramp = [][]float64{
		{1, 2, 0, 3, 1},
		{0, 1, 4, 1, 2},
		{2, 0, 1, 5, 0},
		{1, 3, 2, 0, 1},
		{4, 0, 1, 2, 3},
	}
	wide = [][]float64{
		{3, 1, 0, 2, 5, 1},
		{0, 2, 4, 1, 0, 3},
		{1, 1, 2, 0, 3, 2},
		{5, 0, 1, 3, 1, 4},
	}
	tilted = [][]float64{
		{1, 0, -1},
		{2, 1, 0},
		{0, 3, -2},
	}
	pair = [][]float64{
		{1, -2},
		{3, 0.5},
	}
)

func visibleConvolve() []lessons.Case {
	return each(convolutionsCaseOf, convolution{ramp, tilted, 0, 1}, convolution{wide, pair, 0, 1})
}

// CheckConvolveFurther checks kernels of one element and as large as the
// image, and a property: the convolution of a sum is the sum of the convolutions.
func CheckConvolveFurther(f func(image, kernel [][]float64, padding, stride int) [][]float64) error {
	err := check("Convolve", f, convolutionsCaseOf,
		convolution{wide, [][]float64{{-2}}, 0, 1},
		convolution{ramp, ramp, 0, 1},
		convolution{transposed(wide), tilted, 0, 1})
	if err != nil {
		return err
	}
	sum := make([][]float64, len(ramp))
	for y, row := range ramp {
		for x, v := range row {
			sum[y] = append(sum[y], v+ramp[x][y])
		}
	}
	property := convolutionsCaseOf(convolution{sum, tilted, 0, 1})
	property.Results[0].Causes = []lessons.Cause{lessons.Otherwise("the convolution of a sum of two images is the sum of their convolutions")}
	return checkCases("Convolve", f, property)
}

func visibleConvolvePaddingAndStride() []lessons.Case {
	return each(convolutionsCaseOf,
		convolution{ramp, tilted, 1, 1},
		convolution{ramp, tilted, 0, 2},
		convolution{wide, tilted, 1, 2},
	)
}

// CheckConvolvePaddingAndStrideFurther checks more padding than the kernel
// needs, strides that leave pixels over, and images that are not square.
func CheckConvolvePaddingAndStrideFurther(f func(image, kernel [][]float64, padding, stride int) [][]float64) error {
	return check("Convolve", f, convolutionsCaseOf,
		convolution{transposed(wide), tilted, 2, 3},
		convolution{ramp, pair, 3, 1},
		convolution{wide, pair, 0, 3},
		convolution{[][]float64{{7}}, tilted, 1, 1})
}

// convolutionsCaseOf is a call, with the right result and those of typical mistakes.
func convolutionsCaseOf(c convolution) lessons.Case {
	want := convolve(c.image, c.kernel, c.padding, c.stride, noSlip)
	var causes []lessons.Cause
	for _, known := range convolveCauses {
		if known.slip == transposesKernel && len(c.kernel) != len(c.kernel[0]) {
			continue
		}
		causes = append(causes, lessons.Gives(convolve(c.image, c.kernel, c.padding, c.stride, known.slip), "%s", known.cause))
	}
	causes = append(causes, sizeCauses(want)...)
	causes = append(causes, lessons.Otherwise("each output is the sum of kernel[i][j] · image[y·stride+i−padding][x·stride+j−padding] over all i and j, where pixels beyond the edge count 0"))
	return lessons.One(want, causes, c.image, c.kernel, c.padding, c.stride)
}

// sizeCauses are the causes of a matrix that is not as large as the right one.
func sizeCauses(want [][]float64) []lessons.Cause {
	height, width := len(want), len(want[0])
	causes := []lessons.Cause{
		lessons.If(lessons.Sized, "the result is empty: make a row for each output row, and append to it or fill it").With(0, 0),
	}
	if height != width {
		causes = append(causes,
			lessons.If(lessons.Sized, "probably height and width are exchanged: the image has len(image) rows and len(image[0]) columns").With(float64(width), float64(height)),
			lessons.If(lessons.Square, "the result is square, but the image is not: it has len(image) rows and len(image[0]) columns"))
	}
	return append(causes, lessons.If(lessons.WrongSize, "its size is not the one that the formula for output sizes gives"))
}

// transposed exchanges the rows and columns of a matrix.
func transposed(matrix [][]float64) [][]float64 {
	out := make([][]float64, len(matrix[0]))
	for x := range out {
		for y := range matrix {
			out[x] = append(out[x], matrix[y][x])
		}
	}
	return out
}
