package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckCrossEntropy(t *testing.T) {
	type answer = func(target, probabilities []float64) float64
	// summed adds up f over the classes.
	summed := func(f func(y, p float64) float64) answer {
		return func(target, probabilities []float64) float64 {
			sum := 0.0
			for i, y := range target {
				sum += f(y, probabilities[i])
			}
			return sum
		}
	}
	// scaled multiplies the right answer.
	scaled := func(factor float64) answer {
		return func(target, probabilities []float64) float64 { return factor * crossEntropyOf(target, probabilities) }
	}
	testCheck(t, crossEntropyOf, lessons.CheckCrossEntropy, CheckCrossEntropyFurther, []wrongCase[answer]{
		{"the stub", func(_, _ []float64) float64 { panic("not implemented") }, "CrossEntropy is not written yet"},
		{"without the minus", scaled(-1), "the minus is missing"},
		{"as it is written", summed(func(y, p float64) float64 { return -y * math.Log(p) }), "0 times -Inf is not a number"},
		{"bits", scaled(1 / math.Ln2), "this is in bits"},
		{"base 10", scaled(1 / math.Ln10), "base 10"},
		{"the mean", func(y, p []float64) float64 { return crossEntropyOf(y, p) / float64(len(y)) }, "the mean over the classes"},
		{"without the target", summed(func(_, p float64) float64 { return -math.Log(p) }), "multiply each by its target"},
		{"exchanged", summed(func(y, p float64) float64 { return -p * math.Log(y) }), "the logarithm is taken of the target"},
		{"squares", summed(func(y, p float64) float64 { return (y - p) * (y - p) }), "this is the squared error"},
		{"mean squares", func(y, p []float64) float64 {
			sum := 0.0
			for i := range y {
				sum += (y[i] - p[i]) * (y[i] - p[i])
			}
			return sum / float64(len(y))
		}, "mean squared error"},
		{"1-p", func(y, p []float64) float64 { return 1 - p[largest(y)] }, "1-p grows to 1 at most"},
		{"p", func(y, p []float64) float64 { return p[largest(y)] }, "this is the probability of the right class"},
		{"one class only", func(y, p []float64) float64 { return -math.Log(p[largest(y)]) }, "only one class is counted"},
		{"something small added", summed(func(y, p float64) float64 { return -y * math.Log(p+1e-7) }), "something small is added"},
		{"cut off", summed(func(y, p float64) float64 { return -y * math.Log(max(p, 1e-12)) }), "costs infinitely much"},
		{"another formula", scaled(7), "it is minus the sum of"},
	})
}
