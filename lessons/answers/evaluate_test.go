package answers

import (
	"math"
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckEvaluate(t *testing.T) {
	type answer = func(operation string, x []float64) (float64, []float64)
	// slope gives wrong slopes for one operation.
	slope := func(of string, wrong func(x []float64, result float64) []float64) answer {
		return func(operation string, x []float64) (float64, []float64) {
			result, slopes := evaluateOf(operation, x)
			if operation == of {
				slopes = wrong(x, result)
			}
			return result, slopes
		}
	}
	one := func(f func(x, result float64) float64) func([]float64, float64) []float64 {
		return func(x []float64, result float64) []float64 { return []float64{f(x[0], result)} }
	}
	// result gives a wrong result for one operation.
	result := func(of string, wrong func(x []float64) float64) answer {
		return func(operation string, x []float64) (float64, []float64) {
			r, slopes := evaluateOf(operation, x)
			if operation == of {
				r = wrong(x)
			}
			return r, slopes
		}
	}
	testCheck(t, evaluateOf, lessons.CheckEvaluate, CheckEvaluateFurther, []wrongCase[answer]{
		{"the stub", func(string, []float64) (float64, []float64) { panic("not implemented") }, "Evaluate is not written yet"},
		{"one slope", slope("*", func(x []float64, _ float64) []float64 { return x[:1] }), "a slope for each of the 2 inputs, not 1"},
		{"two terms", result("+", func(x []float64) float64 { return x[0] + x[1] }), "add all inputs"},
		{"the inputs of a sum", slope("+", func(x []float64, _ float64) []float64 { return slices.Clone(x) }), "so each slope is 1"},
		{"a difference as a sum", slope("-", func([]float64, float64) []float64 { return []float64{1, 1} }), "its slope is -1"},
		{"the signs of a difference", slope("-", func([]float64, float64) []float64 { return []float64{-1, 1} }), "the signs are exchanged"},
		{"a difference backwards", result("-", func(x []float64) float64 { return x[1] - x[0] }), "the order is exchanged"},
		{"the own value", slope("*", func(x []float64, _ float64) []float64 { return slices.Clone(x) }), "its own value as slope"},
		{"a product as a sum", slope("*", func([]float64, float64) []float64 { return []float64{1, 1} }), "the slopes of a sum are 1"},
		{"the product twice", slope("*", func(_ []float64, r float64) []float64 { return []float64{r, r} }), "both slopes are the product"},
		{"exp as a power", slope("exp", one(func(x, _ float64) float64 { return x * math.Exp(x-1) })), "follows the rule for powers"},
		{"exp's input", slope("exp", one(func(x, _ float64) float64 { return x })), "the slope is the input; the derivative"},
		{"exp's 1", slope("exp", one(func(float64, float64) float64 { return 1 })), "the slope is 1; the derivative"},
		{"log's result", slope("log", one(func(_, r float64) float64 { return r })), "the slope is the logarithm itself"},
		{"log's inverse", slope("log", one(func(_, r float64) float64 { return 1 / r })), "the slope is 1/log(x)"},
		{"log to base 10", result("log", func(x []float64) float64 { return math.Log10(x[0]) }), "this is the logarithm to base 10"},
		{"tanh of x²", slope("tanh", one(func(x, _ float64) float64 { return 1 - x*x })), "this is 1 - x²"},
		{"tanh not squared", slope("tanh", one(func(_, r float64) float64 { return 1 - r })), "this is 1 - tanh(x);"},
		{"tanh squared", slope("tanh", one(func(_, r float64) float64 { return r * r })), "to be subtracted from 1"},
		{"the sigmoid", slope("tanh", one(func(_, r float64) float64 { return r * (1 - r) })), "the slope of the sigmoid"},
		{"relu's result", slope("relu", one(func(_, r float64) float64 { return r })), "the slope is the result; ReLU"},
		{"relu always 1", slope("relu", one(func(float64, float64) float64 { return 1 })), "Evaluate(\"relu\", [-2]) has the slopes [1], expected [0]: this is the slope for a positive input"},
		{"relu at 0", slope("relu", one(func(x, _ float64) float64 {
			if x >= 0 {
				return 1
			}
			return 0
		})), "Evaluate(\"relu\", [0])"},
		{"relu always 0", slope("relu", one(func(float64, float64) float64 { return 0 })), "the slope for a negative input"},
		{"no relu", result("relu", func(x []float64) float64 { return x[0] }), "ReLU is 0 for a negative input"},
		{"the amount", result("relu", func(x []float64) float64 { return math.Abs(x[0]) }), "this is |x|"},
		{"another formula", slope("tanh", one(func(float64, float64) float64 { return 9 })), "move the input by 0.001"},
	})
}

func TestTheSlopesOfEvaluateAreThoseOfCentralDifferences(t *testing.T) {
	for _, k := range []evaluateCase{
		{"+", []float64{2, -3, 0.5}}, {"-", []float64{2, -3}}, {"*", []float64{2, -3}}, {"exp", []float64{0.5}},
		{"log", []float64{4}}, {"tanh", []float64{0.5}}, {"relu", []float64{3}}, {"relu", []float64{-2}},
	} {
		_, got := evaluateOf(k.operation, k.x)
		want := centralDifferences(func(x []float64) float64 { r, _ := evaluateOf(k.operation, x); return r }, k.x, 1e-5)
		if !nearAll(got, want, 1e-8) {
			t.Errorf("%s of %v has the slopes %v, and central differences are %v", k.operation, k.x, got, want)
		}
	}
}
