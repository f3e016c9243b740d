package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleHeWeights() []lessons.Case {
	return each(heWeightsCaseOf,
		heCase{[]float64{1, -0.5, 0.25, 2, -1, 0.75, 1.5, -2, 0.5, 3, -1.25, 0.125, -0.25, 1.75, -0.75}, 5, 3})
}

// CheckHeWeightsFurther checks HeWeights with one input, one output, and many of both.
func CheckHeWeightsFurther(weights func(normals []float64, in, out int) [][]float64) error {
	return check("HeWeights", weights, heWeightsCaseOf,
		heCase{[]float64{1, -2, 3}, 1, 3},
		heCase{[]float64{1, -2, 0.5}, 3, 1},
		heCase{randomRows(131, 1, 60*7)[0], 60, 7},
	)
}

type heCase struct {
	normals []float64
	in, out int
}

// heWeightsCaseOf is a call, with the right result and those of typical mistakes.
func heWeightsCaseOf(k heCase) lessons.Case {
	in, out := float64(k.in), float64(k.out)
	scaled := func(factor float64) [][]float64 { return filled(k.normals, k.in, k.out, factor) }
	want := scaled(math.Sqrt(2 / in))
	byColumns := transposed(filled(k.normals, k.out, k.in, math.Sqrt(2/in)))
	alike := make([][]float64, k.in)
	for i := range alike {
		alike[i] = want[0]
	}
	return lessons.One(want, []lessons.Cause{
		lessons.If(lessons.WrongLength, "gives {length} rows, expected %d: one for each input", k.in).Alone(),
		lessons.If(lessons.WrongRowLength, "gives {rowLength} values in row {row}, expected %d: one for each output", k.out).Alone(),
		lessons.If(lessons.SharedRows, "all rows share one slice, so that each overwrites the others; make a new one for each input"),
		lessons.Gives(scaled(2/in), "the numbers are multiplied by the variance 2/in; multiply them by the standard deviation, which is its square root"),
		lessons.Gives(scaled(math.Sqrt2/in), "the square root is of the 2 only; take it of the whole fraction 2/in"),
		lessons.Gives(scaled(math.Sqrt(2/out)), "the variance is 2 divided by the number of outputs; divide by the number of inputs"),
		lessons.Gives(scaled(math.Sqrt(1/in)), "the variance is 1/in; ReLU takes half of it away, so He's is 2/in"),
		lessons.Gives(scaled(math.Sqrt(in/2)), "the fraction is upside down: the more inputs, the smaller the weights"),
		lessons.Gives(scaled(1), "the numbers are as they were given; multiply each by the square root of 2/in"),
		lessons.Gives(scaled(0), "all weights are 0: probably 2/in is a division of whole numbers; write 2/float64(in)"),
		lessons.Gives(byColumns, "the numbers are filled in column by column; fill in row by row"),
		lessons.Gives(alike, "all rows are alike: go on in normals where the row before ended"),
		lessons.Otherwise("weight [i][j] is normals[i*out+j] times the square root of 2/in"),
	}, k.normals, k.in, k.out)
}

// filled makes a matrix of the values times a factor, row by row.
func filled(values []float64, rows, columns int, factor float64) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		out[i] = mapped(values[i*columns:(i+1)*columns], func(v float64) float64 { return v * factor })
	}
	return out
}

// heWeightsOf is the reference.
func heWeightsOf(normals []float64, in, out int) [][]float64 {
	return filled(normals, in, out, math.Sqrt(2/float64(in)))
}
