package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleReliability() []lessons.Case {
	return each(reliabilityCaseOf,
		reliabilityCase{[]float64{0.45, 0.7, 0.95, 0.9, 0.65, 0.8}, []bool{false, true, true, true, false, false}, 4},
		reliabilityCase{[]float64{0.3, 1, 0.85, 0.35}, []bool{true, true, false, false}, 5},
	)
}

// CheckReliabilityFurther checks confidences of 0, of 1 and on the border of two bins, a single bin, and
// many predictions.
func CheckReliabilityFurther(reliability func(confidences []float64, right []bool, bins int) (counts []int, confidence, accuracy []float64)) error {
	random := newRandom(17)
	many := reliabilityCase{bins: 10}
	for range 200 {
		p := math.Round(1000*random.Float64()) / 1000
		many.confidences, many.right = append(many.confidences, p), append(many.right, random.Float64() < p)
	}
	return check("Reliability", reliability, reliabilityCaseOf,
		reliabilityCase{[]float64{1, 1, 0}, []bool{true, false, false}, 2},
		reliabilityCase{[]float64{0.5, 0.25, 0.75}, []bool{true, true, false}, 4},
		reliabilityCase{[]float64{0.4, 0.9}, []bool{true, false}, 1},
		many,
	)
}

type reliabilityCase struct {
	confidences []float64
	right       []bool
	bins        int
}

// reliabilityCaseOf is a call, with the right results and those of typical mistakes.
func reliabilityCaseOf(k reliabilityCase) lessons.Case {
	counts, confidence, accuracy := reliability(k.confidences, k.right, k.bins)
	n := len(k.confidences)
	change := func(values []float64, f func(bin int, v float64) float64) []float64 {
		out := make([]float64, len(values))
		for b, v := range values {
			out[b] = f(b, v)
		}
		return out
	}
	sums := func(b int, v float64) float64 { return v * float64(counts[b]) }
	ofAll := func(b int, v float64) float64 { return v * float64(counts[b]) / float64(n) }
	notANumber := func(b int, v float64) float64 {
		if counts[b] == 0 {
			return math.NaN()
		}
		return v
	}
	oneFewer := make([]int, k.bins)
	for _, p := range k.confidences {
		if b := int(p * float64(k.bins)); b < k.bins {
			oneFewer[b]++
		}
	}
	rounded, _, _ := reliabilityBy(k, func(p float64) int { return min(int(math.Round(p*float64(k.bins))), k.bins-1) })
	fromEnd := make([]int, k.bins)
	rights := make([]int, k.bins)
	for b := range counts {
		fromEnd[k.bins-1-b] = counts[b]
		rights[b] = int(math.Round(accuracy[b] * float64(counts[b])))
	}
	common := func(values []float64, what string) []lessons.Cause {
		return []lessons.Cause{
			lessons.If(lessons.WrongLength, "there is a number for each of the %d bins, not {length}", k.bins),
			lessons.Gives(change(values, sums), "these are sums; divide each by the count of its bin"),
			lessons.Gives(change(values, ofAll), "divide by the count of the bin, not by the number of all predictions"),
			lessons.Gives(change(values, notANumber), "a bin without predictions gives 0/0, which is NaN; leave its %s at 0", what),
			lessons.If(lessons.HasNaN, "NaN comes from 0/0: leave the %s of a bin without predictions at 0", what),
		}
	}
	return lessons.Case{
		Arguments: []any{k.confidences, k.right, k.bins},
		Panics:    "{panic} Does the confidence 1 go to the last bin, which has the number `bins-1`?",
		Results: []lessons.Result{
			{Verb: "has the counts", Want: counts, Causes: []lessons.Cause{
				lessons.If(lessons.WrongLength, "there is a count for each of the %d bins, not {length}", k.bins),
				lessons.Gives(oneFewer, "the confidence 1 is in no bin; it belongs to the last one"),
				lessons.Gives(rounded, "the number of the bin was rounded to the nearest; round it down, as `int(x)` does"),
				lessons.Gives(fromEnd, "the bins are in the wrong order; bin 0 has the lowest confidences"),
				lessons.Gives(rights, "only the right predictions were counted; count all"),
				lessons.Otherwise("the number of the bin is the confidence times `bins`, rounded down"),
			}},
			{Verb: "has the mean confidences", Want: confidence, Causes: append(common(confidence, "mean confidence"),
				lessons.Gives(change(confidence, func(b int, _ float64) float64 { return (float64(b) + 0.5) / float64(k.bins) }), "these are the middles of the bins; take the mean of the confidences in each bin"),
				lessons.Gives(accuracy, "these are the accuracies; counts, mean confidences, accuracies is the order of the results"),
				lessons.Otherwise("add up the confidences of each bin, and divide by its count"),
			)},
			{Verb: "has the accuracies", Want: accuracy, Causes: append(common(accuracy, "accuracy"),
				lessons.Gives(change(accuracy, func(b int, v float64) float64 {
					if counts[b] == 0 {
						return 0
					}
					return 1 - v
				}), "these are the shares of wrong predictions; take the right ones"),
				lessons.Gives(confidence, "these are the mean confidences; the accuracy is the share of right predictions in the bin"),
				lessons.Otherwise("count the right predictions of each bin, and divide by the count of the bin"),
			)},
		},
	}
}

// reliability is the reference.
func reliability(confidences []float64, right []bool, bins int) (counts []int, confidence, accuracy []float64) {
	return reliabilityBy(reliabilityCase{confidences, right, bins}, func(p float64) int { return min(int(p*float64(bins)), bins-1) })
}

// reliabilityBy puts each prediction into the bin that binOf gives.
func reliabilityBy(k reliabilityCase, binOf func(confidence float64) int) (counts []int, confidence, accuracy []float64) {
	counts, confidence, accuracy = make([]int, k.bins), make([]float64, k.bins), make([]float64, k.bins)
	for i, p := range k.confidences {
		b := binOf(p)
		counts[b]++
		confidence[b] += p
		if k.right[i] {
			accuracy[b]++
		}
	}
	for b, n := range counts {
		if n > 0 {
			confidence[b] /= float64(n)
			accuracy[b] /= float64(n)
		}
	}
	return counts, confidence, accuracy
}
