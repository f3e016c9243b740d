package answers

import (
	"math"

	"fashionlab/lessons"
)

// poolBackwardSlip is a typical mistake in the backward pass of a max pooling.
type poolBackwardSlip int

const (
	passesRight poolBackwardSlip = iota
	passesToAll
	passesShares
	passesToTies
	passesToLast
	passesToCorner
	passesTimesValue
	passesNothing
)

// maxPoolBackward passes the derivative of each output on to the first largest pixel of its window, or
// does so with a slip.
func maxPoolBackward(image, dOutput [][]float64, size int, slip poolBackwardSlip) [][]float64 {
	d := zeros(image)
	for y, row := range dOutput {
		for x, v := range row {
			largest, bestRow, bestColumn := math.Inf(-1), 0, 0
			each := func(f func(row, column int, pixel float64)) {
				for i := y * size; i < (y+1)*size; i++ {
					for j := x * size; j < (x+1)*size; j++ {
						f(i, j, image[i][j])
					}
				}
			}
			each(func(row, column int, pixel float64) {
				if pixel > largest || slip == passesToLast && pixel == largest {
					largest, bestRow, bestColumn = pixel, row, column
				}
			})
			switch slip {
			case passesToAll:
				each(func(row, column int, _ float64) { d[row][column] = v })
			case passesShares:
				each(func(row, column int, _ float64) { d[row][column] = v / float64(size*size) })
			case passesToTies:
				each(func(row, column int, pixel float64) {
					if pixel == largest {
						d[row][column] = v
					}
				})
			case passesToCorner:
				d[y*size][x*size] = v
			case passesTimesValue:
				d[bestRow][bestColumn] = v * largest
			case passesNothing:
			default:
				d[bestRow][bestColumn] = v
			}
		}
	}
	return d
}

var poolBackwardCauses = []struct {
	slip  poolBackwardSlip
	cause string
}{
	{passesNothing, "all derivatives are 0; the largest pixel of each window gets the derivative of its output"},
	{passesToAll, "every pixel of a window gets the derivative; only the largest one has changed the output, so the others get 0"},
	{passesShares, "the derivative is divided over the window, which is the backward pass of an average; here the largest pixel gets all of it"},
	{passesToTies, "where several pixels of a window are equally large, all of them get the derivative; only the first one does, as in PyTorch"},
	{passesToLast, "where several pixels of a window are equally large, the last one gets the derivative; let the first one keep it: compare with >, not >="},
	{passesToCorner, "the first pixel of each window gets the derivative; look for the position of the largest one"},
	{passesTimesValue, "the derivative is multiplied by the pixel; the slope of the output with respect to its largest pixel is 1"},
}

// ties has windows with several largest pixels, and none that are 0 or 1.
var ties = [][]float64{
	{2, 5, -3, -1, 4},
	{5, 3, -1, -2, 7},
	{2, 2, 6, 8, 9},
	{2, 2, 3, 4, 6},
}

func visibleMaxPoolBackward() []lessons.Case {
	return []lessons.Case{
		poolBackwardCaseOf([][]float64{{3, 9, 2, 4}, {1, 5, 8, 6}}, [][]float64{{0.5, -2}}, 2),
		poolBackwardCaseOf(ties, [][]float64{{0.5, -2}, {3, 0.25}}, 2),
	}
}

// CheckMaxPoolBackwardFurther checks windows of other sizes, images that are not square, and rows and
// columns that fill no window.
func CheckMaxPoolBackwardFurther(f func(image, dOutput [][]float64, size int) [][]float64) error {
	return checkCases("MaxPoolBackward", f,
		poolBackwardCaseOf(randomRows(221, 7, 4), randomRows(222, 2, 1), 3),
		poolBackwardCaseOf(randomRows(223, 3, 4), randomRows(224, 3, 4), 1),
		poolBackwardCaseOf([][]float64{{-1, -1}, {-1, -1}}, [][]float64{{4}}, 2),
		poolBackwardCaseOf(randomRows(225, 5, 9), randomRows(226, 2, 4), 2))
}

// poolBackwardCaseOf is a call, with the right result and those of typical mistakes.
func poolBackwardCaseOf(image, dOutput [][]float64, size int) lessons.Case {
	want := maxPoolBackward(image, dOutput, size, passesRight)
	causes := []lessons.Cause{
		lessons.If(lessons.Sized, "the result is empty; begin with zeros in the shape of the image").With(0, 0),
		lessons.If(lessons.WrongSize, "a gradient has the shape of what it belongs to: %d rows and %d columns, as the image; pixels that are in no window get 0", len(image), len(image[0])),
	}
	for _, known := range poolBackwardCauses {
		if result := maxPoolBackward(image, dOutput, size, known.slip); !alikeMatrices(result, want) {
			causes = append(causes, lessons.Gives(result, "%s", known.cause))
		}
	}
	causes = append(causes, lessons.Otherwise("the first largest pixel of window y, x gets dOutput[y][x], and all other pixels get 0"))
	return lessons.One(want, causes, image, dOutput, size)
}
