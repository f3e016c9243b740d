package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

// eachOf applies f to each value, given the whole slice.
func eachOf(f func(v float64, all []float64) float64) func([]float64) []float64 {
	return func(z []float64) []float64 {
		out := make([]float64, len(z))
		for i, v := range z {
			out[i] = f(v, z)
		}
		return out
	}
}

// exponentialSum is Σ e^z, which overflows early.
func exponentialSum(z []float64) float64 {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	return sum
}

// byFormula is softmax as it is written, without any care.
var byFormula = eachOf(func(v float64, z []float64) float64 { return math.Exp(v) / exponentialSum(z) })

// wrongSoftmaxes are wrong for any logits.
var wrongSoftmaxes = []wrongCase[func([]float64) []float64]{
	{"the stub", func([]float64) []float64 { panic("not implemented") }, "is not written yet"},
	{"not divided", eachOf(func(v float64, _ []float64) float64 { return math.Exp(v) }), "these are the exponentials"},
	{"divided by the largest", eachOf(func(v float64, z []float64) float64 { return math.Exp(v - z[largest(z)]) }), "divided by the largest exponential"},
	{"without exponentials", eachOf(func(v float64, z []float64) float64 { return v / total(z) }), "the logits' shares of their sum"},
	{"divided by the logits", eachOf(func(v float64, z []float64) float64 { return math.Exp(v) / total(z) }), "divided by the sum of the logits"},
	{"logarithms", eachOf(func(v float64, z []float64) float64 { return v - math.Log(exponentialSum(z)) }), "the logarithms of the probabilities"},
	{"sigmoids", eachOf(func(v float64, _ []float64) float64 { return 1 / (1 + math.Exp(-v)) }), "the sigmoid of each logit by itself"},
	{"divided by the number", eachOf(func(v float64, z []float64) float64 { return math.Exp(v) / float64(len(z)) }), "divided by how many logits there are"},
	{"powers of 2", eachOf(func(v float64, z []float64) float64 {
		sum := 0.0
		for _, w := range z {
			sum += math.Exp2(w)
		}
		return math.Exp2(v) / sum
	}), "powers of 2"},
	{"argmax", func(z []float64) []float64 {
		out := make([]float64, len(z))
		out[largest(z)] = 1
		return out
	}, "this is argmax"},
	{"one loop", func(z []float64) []float64 {
		out := make([]float64, len(z))
		sum := 0.0
		for i, v := range z {
			sum += math.Exp(v)
			out[i] = math.Exp(v) / sum
		}
		return out
	}, "still growing"},
	{"subtracted above only", eachOf(func(v float64, z []float64) float64 { return math.Exp(v-z[largest(z)]) / exponentialSum(z) }), "above the fraction line but not below"},
	{"subtracted below only", eachOf(func(v float64, z []float64) float64 {
		return math.Exp(v) / (exponentialSum(z) / math.Exp(z[largest(z)]))
	}), "below the fraction line but not above"},
	{"in place", func(z []float64) []float64 {
		copy(z, byFormula(z))
		return z
	}, "changes its argument"},
	{"never made", func(z []float64) []float64 {
		var out []float64
		for i, v := range byFormula(z) {
			out[i] = v
		}
		return out
	}, "one that was only declared has none"},
	{"too short", func(z []float64) []float64 { return byFormula(z)[1:] }, "there is a probability for each logit"},
	{"negative", eachOf(func(v float64, z []float64) float64 { return -math.Exp(v) / exponentialSum(z) }), "lies between 0 and 1"},
	{"sums to 1/2", eachOf(func(v float64, z []float64) float64 { return math.Exp(v) / exponentialSum(z) / 2 }), "sum to 0.5"},
	{"backwards", func(z []float64) []float64 {
		out := byFormula(z)
		for i := range len(out) / 2 {
			out[i], out[len(out)-1-i] = out[len(out)-1-i], out[i]
		}
		return out
	}, "probability i is e^z[i]"},
}

func TestCheckSoftmaxByFormula(t *testing.T) {
	testCheck(t, byFormula, lessons.CheckSoftmaxByFormula, CheckSoftmaxByFormulaFurther, wrongSoftmaxes)
	expectMessage(t, lessons.CheckSoftmaxByFormula(wrongSoftmaxes[1].answer), "SoftmaxByFormula([1 2 3]) is [2.718 7.389 20.09], expected [0.09003 0.2447 0.6652]: ")
}

func TestCheckSoftmaxByFormulaTakesAStableOne(t *testing.T) {
	if err := CheckSoftmaxByFormulaFurther(softmaxOf); err != nil {
		t.Error(err)
	}
}

func TestCheckSoftmax(t *testing.T) {
	subtracting := func(what func(z []float64) float64) func([]float64) []float64 {
		return func(z []float64) []float64 {
			return byFormula(eachOf(func(v float64, z []float64) float64 { return v - what(z) })(z))
		}
	}
	testCheck(t, softmaxOf, lessons.CheckSoftmax, CheckSoftmaxFurther, append([]wrongCase[func([]float64) []float64]{
		{"by the formula", byFormula, "Softmax([1000 1001 999]) is [NaN NaN NaN], expected [0.2447 0.6652 0.09003]: probably because e^1001 is more than a float64 holds"},
		{"the mean subtracted", subtracting(func(z []float64) float64 { return total(z) / float64(len(z)) }), "what is subtracted is not the largest logit"},
		{"clipped to 700", func(z []float64) []float64 {
			return byFormula(eachOf(func(v float64, _ []float64) float64 { return max(-700, min(v, 700)) })(z))
		}, "must not be cut off"},
		{"large values only", func(z []float64) []float64 {
			if z[largest(z)] > 700 {
				return softmaxOf(z)
			}
			return byFormula(z)
		}, "all exponentials become 0, and 0/0"},
	}, wrongSoftmaxes...))
}

func TestSoftmaxMustNotChangeWhenAllLogitsMove(t *testing.T) {
	err := CheckSoftmaxFurther(func(z []float64) []float64 {
		if z[0] > 30 && z[0] < 600 {
			return make([]float64, len(z))
		}
		return softmaxOf(z)
	})
	expectMessage(t, err, "that must change nothing")
}
