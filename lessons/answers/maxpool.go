package answers

import (
	"math"

	"fashionlab/lessons"
)

// poolSlip is a typical mistake in a max pooling written by hand.
type poolSlip int

const (
	poolsRight poolSlip = iota
	startsAtZero
	takesMeans
	takesMinima
	overlaps
	keepsPartialWindows
	poolsByTwo
	looksAtDiagonal
	takesCorners
)

// maxPool is the definition of torch.nn.MaxPool2d(size), or what becomes of it
// with a slip: the maximum of each size×size window, side by side. Rows and columns that
// fill no window are dropped.
func maxPool(image [][]float64, size int, slip poolSlip) [][]float64 {
	step := size
	switch slip {
	case overlaps:
		step = 1
	case poolsByTwo:
		size, step = 2, 2
	}
	height, width := (len(image)-size)/step+1, (len(image[0])-size)/step+1
	if slip == keepsPartialWindows {
		height, width = (len(image)+size-1)/size, (len(image[0])+size-1)/size
	}
	out := make([][]float64, height)
	for y := range out {
		out[y] = make([]float64, width)
		for x := range out[y] {
			largest, smallest, sum := math.Inf(-1), math.Inf(1), 0.0
			if slip == startsAtZero {
				largest = 0
			}
			for i := y * step; i < min(y*step+size, len(image)); i++ {
				for j := x * step; j < min(x*step+size, len(image[0])); j++ {
					if slip == looksAtDiagonal && i-y*step != j-x*step {
						continue
					}
					largest, smallest, sum = max(largest, image[i][j]), min(smallest, image[i][j]), sum+image[i][j]
				}
			}
			switch slip {
			case takesMeans:
				out[y][x] = sum / float64(size*size)
			case takesMinima:
				out[y][x] = smallest
			case takesCorners:
				out[y][x] = image[y*step][x*step]
			default:
				out[y][x] = largest
			}
		}
	}
	return out
}

// poolCauses says what to tell about each slip.
var poolCauses = []struct {
	slip  poolSlip
	cause string
}{
	{startsAtZero, "a window of negative numbers gives 0, which is none of them: begin with the window's first value or with math.Inf(-1)"},
	{takesMeans, "these are the windows' means; max pooling keeps the largest value"},
	{takesMinima, "these are the windows' smallest values; look at the direction of the comparison"},
	{overlaps, "the windows overlap: they are side by side, so window y begins at row y·size"},
	{keepsPartialWindows, "rows and columns that fill no whole window are dropped: the output has len(image)/size rows, rounded down"},
	{poolsByTwo, "the window is always 2×2; its size is the argument `size`"},
	{looksAtDiagonal, "only the diagonal of each window is looked at: one loop for its rows and, inside, one for its columns"},
	{takesCorners, "this is the first value of each window, not the largest: look at all size·size of them"},
}

// negatives has windows without a positive number.
var negatives = [][]float64{
	{-3, -1, 2, 4},
	{-2, -5, -1, 0},
	{-6, -8, -2, -9},
	{-4, -7, -3, -3},
}

func visibleMaxPool() []lessons.Case {
	return []lessons.Case{
		poolsCaseOf(wide, 2),
		poolsCaseOf(negatives, 2),
		poolsCaseOf(ramp, 2),
	}
}

// CheckMaxPoolFurther checks windows of other sizes, images that are not square,
// and that adding a number to every pixel adds it to every maximum.
func CheckMaxPoolFurther(f func(image [][]float64, size int) [][]float64) error {
	lowered := make([][]float64, len(ramp))
	for y, row := range ramp {
		for _, v := range row {
			lowered[y] = append(lowered[y], v-10)
		}
	}
	return checkCases("MaxPool", f,
		poolsCaseOf(transposed(wide), 3),
		poolsCaseOf(wide, 3),
		poolsCaseOf(ramp, 1),
		poolsCaseOf(ramp, 5),
		poolsCaseOf(lowered, 2))
}

// poolsCaseOf is a call, with the right result and those of typical mistakes.
func poolsCaseOf(image [][]float64, size int) lessons.Case {
	want := maxPool(image, size, poolsRight)
	var causes []lessons.Cause
	for _, known := range poolCauses {
		if known.slip == poolsByTwo && size < 3 {
			continue
		}
		causes = append(causes, lessons.Gives(maxPool(image, size, known.slip), "%s", known.cause))
	}
	causes = append(causes, sizeCauses(want)...)
	causes = append(causes, lessons.Otherwise("output[y][x] is the largest of the pixels in rows y·size to y·size+size−1 and columns x·size to x·size+size−1"))
	return lessons.One(want, causes, image, size)
}
