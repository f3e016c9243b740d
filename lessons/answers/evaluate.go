package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleEvaluate() []lessons.Case {
	return each(evaluateCaseOf,
		evaluateCase{"+", []float64{2, -3, 0.5}},
		evaluateCase{"-", []float64{2, -3}},
		evaluateCase{"*", []float64{2, -3}},
		evaluateCase{"exp", []float64{0.5}},
		evaluateCase{"log", []float64{4}},
		evaluateCase{"tanh", []float64{0.5}},
		evaluateCase{"relu", []float64{3}},
		evaluateCase{"relu", []float64{-2}},
	)
}

// CheckEvaluateFurther checks Evaluate with zeros, large numbers and other numbers of terms.
func CheckEvaluateFurther(evaluate func(operation string, x []float64) (float64, []float64)) error {
	return check("Evaluate", evaluate, evaluateCaseOf,
		evaluateCase{"+", []float64{7}},
		evaluateCase{"+", []float64{1, 2, 3, 4, 5}},
		evaluateCase{"-", []float64{0, 4}},
		evaluateCase{"*", []float64{0, -1.5}},
		evaluateCase{"*", []float64{3, 3}},
		evaluateCase{"exp", []float64{-2}},
		evaluateCase{"exp", []float64{0}},
		evaluateCase{"log", []float64{0.1}},
		evaluateCase{"tanh", []float64{-1.25}},
		evaluateCase{"tanh", []float64{400}},
		evaluateCase{"relu", []float64{0.001}},
		evaluateCase{"relu", []float64{0}},
	)
}

type evaluateCase struct {
	operation string
	x         []float64
}

// evaluateCaseOf is a call, with the right result and those of typical mistakes.
func evaluateCaseOf(k evaluateCase) lessons.Case {
	want, slopes := evaluateOf(k.operation, k.x)
	x := k.x[0]
	causes := []lessons.Cause{lessons.If(lessons.WrongLength, "there is a slope for each of the %d inputs, not {length}", len(k.x))}
	mistake := func(cause string, slopes ...float64) { causes = append(causes, lessons.Gives(slopes, "%s", cause)) }
	var results []lessons.Cause
	switch k.operation {
	case "+":
		if len(k.x) > 1 {
			mistake("these are the inputs; if an input grows by 1, the sum grows by 1, so each slope is 1", k.x...)
			results = append(results, lessons.Gives(k.x[0]+k.x[1], "add all inputs, and not the first two only"))
		}
	case "-":
		mistake("if the second input grows by 1, the difference falls by 1: its slope is -1", 1, 1)
		mistake("the signs are exchanged: the difference is x[0] - x[1]", -1, 1)
		results = append(results, lessons.Gives(k.x[1]-x, "the order is exchanged: the difference is x[0] - x[1]"))
	case "*":
		mistake("each input has its own value as slope; if x[0] grows by 1, the product grows by x[1], and the other way round", k.x...)
		mistake("the slopes of a sum are 1; if x[0] grows by 1, the product grows by x[1]", 1, 1)
		mistake("both slopes are the product; if x[0] grows by 1, the product grows by x[1]", want, want)
	case "exp":
		mistake("the derivative of e^x is e^x itself; x·e^(x-1) follows the rule for powers of x", x*math.Exp(x-1))
		mistake("the slope is the input; the derivative of e^x is e^x itself", x)
		mistake("the slope is 1; the derivative of e^x is e^x itself", 1)
	case "log":
		mistake("the slope is the logarithm itself; its derivative is 1/x", want)
		mistake("the slope is 1/log(x); the derivative of log(x) is 1/x", 1/want)
		mistake("this is the slope of the logarithm to base 10; math.Log is the natural one, with the slope 1/x", 1/(x*math.Ln10))
		results = append(results, lessons.Gives(math.Log10(x), "this is the logarithm to base 10; take math.Log"))
	case "tanh":
		mistake("this is 1 - x²; the slope is 1 - tanh(x)², so square the result", 1-x*x)
		mistake("this is 1 - tanh(x); the slope is 1 - tanh(x)², so square the result", 1-want)
		mistake("this is tanh(x)², which is to be subtracted from 1", want*want)
		mistake("this is the slope of the sigmoid, s·(1 - s); that of tanh is 1 - tanh(x)²", want*(1-want))
	case "relu":
		mistake("the slope is the result; ReLU rises by 1 for each 1 of a positive input", want)
		mistake("the slope is the input; ReLU rises by 1 for each 1 of a positive input, and is level otherwise", x)
		if x <= 0 {
			mistake("this is the slope for a positive input; where the input is 0 or negative ReLU is level, and its slope is 0", 1)
			results = append(results, lessons.Gives(x, "ReLU is 0 for a negative input: max(0, x)"), lessons.Gives(-x, "this is |x|; ReLU is max(0, x)"))
		} else {
			mistake("this is the slope for a negative input; ReLU is x for a positive one, and its slope is 1", 0)
		}
	}
	causes = append(causes, lessons.Otherwise("each slope is the derivative of the result with respect to that input; move the input by 0.001 to see what it should be"))
	results = append(results, lessons.Otherwise("this is not the result of the operation %q", k.operation))
	return lessons.Case{
		Arguments: []any{k.operation, k.x},
		Results: []lessons.Result{
			{Want: want, Verb: "has the result", Causes: results},
			{Want: slopes, Verb: "has the slopes", Causes: causes},
		},
	}
}

// evaluateOf is the reference.
func evaluateOf(operation string, x []float64) (result float64, slopes []float64) {
	switch operation {
	case "+":
		for _, v := range x {
			result += v
			slopes = append(slopes, 1)
		}
		return result, slopes
	case "-":
		return x[0] - x[1], []float64{1, -1}
	case "*":
		return x[0] * x[1], []float64{x[1], x[0]}
	case "exp":
		return math.Exp(x[0]), []float64{math.Exp(x[0])}
	case "log":
		return math.Log(x[0]), []float64{1 / x[0]}
	case "tanh":
		t := math.Tanh(x[0])
		return t, []float64{1 - t*t}
	case "relu":
		if x[0] > 0 {
			return x[0], []float64{1}
		}
		return 0, []float64{0}
	}
	panic("no operation " + operation)
}
