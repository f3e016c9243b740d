package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleNumericalGradient() []lessons.Case {
	const formula = "x[0]³ + 5·x[1]"
	return each(numericalGradientCaseOf, slopesCase{formula, lessons.Functions[formula].(func([]float64) float64), []float64{1, 2}, 0.1})
}

// CheckNumericalGradientFurther checks NumericalGradient with other functions,
// step sizes and numbers of variables.
func CheckNumericalGradientFurther(numerical func(f func([]float64) float64, x []float64, h float64) []float64) error {
	return check("NumericalGradient", numerical, numericalGradientCaseOf,
		slopesCase{"x[0]·x[1]·x[2]", func(x []float64) float64 { return x[0] * x[1] * x[2] }, []float64{2, 3, -4}, 0.01},
		slopesCase{"e^x[0]", func(x []float64) float64 { return math.Exp(x[0]) }, []float64{0.5}, 0.25},
		slopesCase{"|x[0]| + x[1]²", func(x []float64) float64 { return math.Abs(x[0]) + x[1]*x[1] }, []float64{0, 3}, 0.001},
		slopesCase{"7", func([]float64) float64 { return 7 }, []float64{1, 2, 3}, 0.1},
	)
}

type slopesCase struct {
	formula string
	f       func([]float64) float64
	x       []float64
	h       float64
}

// numericalGradientCaseOf is a call, with the right result and those of typical mistakes.
func numericalGradientCaseOf(k slopesCase) lessons.Case {
	want := centralDifferences(k.f, k.x, k.h)
	n := len(k.x)
	forward, backward, twice, undivided, negative := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	together, kept, twoH := make([]float64, n), make([]float64, n), make([]float64, n)
	moved := func(x []float64, at int, by float64) []float64 {
		y := append([]float64{}, x...)
		for i := range y {
			if at < 0 || i == at {
				y[i] += by
			}
		}
		return y
	}
	wandering := append([]float64{}, k.x...)
	for i := range n {
		up, down := k.f(moved(k.x, i, k.h)), k.f(moved(k.x, i, -k.h))
		forward[i] = (up - k.f(k.x)) / k.h
		backward[i] = (k.f(k.x) - down) / k.h
		twice[i] = (up - down) / k.h
		undivided[i] = up - down
		negative[i] = -want[i]
		together[i] = (k.f(moved(k.x, -1, k.h)) - k.f(moved(k.x, -1, -k.h))) / (2 * k.h)
		// x[i] += h, f, x[i] -= 2h, f, and x[i] never put back.
		plus := k.f(moved(wandering, i, k.h))
		wandering = moved(wandering, i, -k.h)
		kept[i] = (plus - k.f(wandering)) / (2 * k.h)
		twoH[i] = (up - down) / 2 * k.h
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a derivative for each of the %d variables, not {length}", n),
		lessons.Gives(forward, "this is the forward difference (f(x+h) - f(x))/h; the central one, (f(x+h) - f(x-h))/2h, is much more exact"),
		lessons.Gives(backward, "this is the backward difference (f(x) - f(x-h))/h; the central one, (f(x+h) - f(x-h))/2h, is much more exact"),
		lessons.Gives(twice, "this is twice as large; x+h and x-h are 2h apart, so divide by 2h"),
		lessons.Gives(twoH, "in Go, `a / 2 * h` is (a/2)·h; write `a / (2 * h)`"),
		lessons.Gives(undivided, "these are differences of f; divide them by 2h to get slopes"),
		lessons.Gives(negative, "the sign is wrong: f(x+h) minus f(x-h)"),
		lessons.Gives(together, "all variables were moved together; move `x[i]` alone, and leave the others where they are"),
		lessons.Gives(kept, "the variables moved before were not put back; start again from x for each i"),
		lessons.Otherwise("for each i, move `x[i]` alone up by h and down by h, and divide the difference of f by 2h"),
	}
	c := lessons.One(want, causes, lessons.Function{Name: k.formula, F: k.f}, k.x, k.h)
	// A difference of two numbers near 24 divided by 0.002 has lost four digits.
	c.Results[0].Within = 1e-8
	return c
}

// centralDifferences is the reference.
func centralDifferences(f func([]float64) float64, x []float64, h float64) []float64 {
	slopes := make([]float64, len(x))
	for i := range x {
		up, down := append([]float64{}, x...), append([]float64{}, x...)
		up[i] += h
		down[i] -= h
		slopes[i] = (f(up) - f(down)) / (2 * h)
	}
	return slopes
}
