package answers

import (
	"fashionlab/lessons"
	"testing"
)

func TestCheckNumericalGradient(t *testing.T) {
	type function = func([]float64) float64
	type answer = func(f func([]float64) float64, x []float64, h float64) []float64
	// each computes the slopes one by one, given f along the i-th axis.
	each := func(slope func(along func(by float64) float64, h float64) float64) answer {
		return func(f func([]float64) float64, x []float64, h float64) []float64 {
			out := make([]float64, len(x))
			for i := range x {
				out[i] = slope(func(by float64) float64 {
					y := append([]float64{}, x...)
					y[i] += by
					return f(y)
				}, h)
			}
			return out
		}
	}
	testCheck(t, centralDifferences, lessons.CheckNumericalGradient, CheckNumericalGradientFurther, []wrongCase[answer]{
		{"the stub", func(function, []float64, float64) []float64 { panic("not implemented") }, "NumericalGradient is not written yet"},
		{"forward", each(func(f func(float64) float64, h float64) float64 { return (f(h) - f(0)) / h }), "the forward difference"},
		{"backward", each(func(f func(float64) float64, h float64) float64 { return (f(0) - f(-h)) / h }), "the backward difference"},
		{"divided by h", each(func(f func(float64) float64, h float64) float64 { return (f(h) - f(-h)) / h }), "this is twice as large"},
		{"/ 2 * h", each(func(f func(float64) float64, h float64) float64 { return (f(h) - f(-h)) / 2 * h }), "write `a / (2 * h)`"},
		{"not divided", each(func(f func(float64) float64, h float64) float64 { return f(h) - f(-h) }), "these are differences of f"},
		{"the sign", each(func(f func(float64) float64, h float64) float64 { return (f(-h) - f(h)) / (2 * h) }), "the sign is wrong"},
		{"all together", func(f func([]float64) float64, x []float64, h float64) []float64 {
			up, down := append([]float64{}, x...), append([]float64{}, x...)
			for i := range x {
				up[i] += h
				down[i] -= h
			}
			out := make([]float64, len(x))
			for i := range out {
				out[i] = (f(up) - f(down)) / (2 * h)
			}
			return out
		}, "all variables were moved together"},
		{"not put back", func(f func([]float64) float64, x []float64, h float64) []float64 {
			y := append([]float64{}, x...)
			out := make([]float64, len(x))
			for i := range y {
				y[i] += h
				up := f(y)
				y[i] -= 2 * h
				out[i] = (up - f(y)) / (2 * h)
			}
			return out
		}, "were not put back"},
		{"moves the argument", func(f func([]float64) float64, x []float64, h float64) []float64 {
			x[0] += h
			return centralDifferences(f, x, h)
		}, "changes its argument"},
		{"one slope", func(f func([]float64) float64, x []float64, h float64) []float64 {
			return centralDifferences(f, x, h)[:1]
		}, "a derivative for each of the 2 variables"},
		{"another formula", each(func(func(float64) float64, float64) float64 { return 9 }), "move `x[i]` alone up by h"},
	})
}

func TestNumericalGradientMayMoveItsArgumentAndPutItBack(t *testing.T) {
	answer := func(f func([]float64) float64, x []float64, h float64) []float64 {
		out := make([]float64, len(x))
		for i, was := range x {
			x[i] = was + h
			up := f(x)
			x[i] = was - h
			out[i] = (up - f(x)) / (2 * h)
			x[i] = was
		}
		return out
	}
	if err := CheckNumericalGradientFurther(answer); err != nil {
		t.Error(err)
	}
}
