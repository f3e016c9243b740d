package answers

import (
	"math"
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckReliability(t *testing.T) {
	type answer = func([]float64, []bool, int) ([]int, []float64, []float64)
	with := func(change func(counts []int, confidence, accuracy []float64)) answer {
		return func(p []float64, right []bool, bins int) ([]int, []float64, []float64) {
			counts, confidence, accuracy := reliability(p, right, bins)
			change(counts, confidence, accuracy)
			return counts, confidence, accuracy
		}
	}
	by := func(binOf func(p float64, bins int) int) answer {
		return func(p []float64, right []bool, bins int) ([]int, []float64, []float64) {
			return reliabilityBy(reliabilityCase{p, right, bins}, func(p float64) int { return binOf(p, bins) })
		}
	}
	testCheck(t, reliability, lessons.CheckReliability, CheckReliabilityFurther, []wrongCase[answer]{
		{"the stub", func([]float64, []bool, int) ([]int, []float64, []float64) { panic("not implemented") }, "Reliability is not written yet"},
		{"1 beyond the last bin", by(func(p float64, bins int) int { return int(p * float64(bins)) }), "Does the confidence 1 go to the last bin"},
		{"rounded", by(func(p float64, bins int) int { return min(int(math.Round(p*float64(bins))), bins-1) }), "round it down"},
		{"bins backwards", with(func(counts []int, _, _ []float64) { slices.Reverse(counts) }), "bin 0 has the lowest confidences"},
		{"only the right ones counted", with(func(counts []int, _, accuracy []float64) {
			for b := range counts {
				counts[b] = int(math.Round(accuracy[b] * float64(counts[b])))
			}
		}), "only the right predictions were counted"},
		{"sums of confidences", with(func(counts []int, confidence, _ []float64) {
			for b, n := range counts {
				confidence[b] *= float64(n)
			}
		}), "these are sums"},
		{"middles of the bins", with(func(counts []int, confidence, _ []float64) {
			for b := range counts {
				confidence[b] = (float64(b) + 0.5) / float64(len(counts))
			}
		}), "the middles of the bins"},
		{"NaN for empty bins", with(func(counts []int, confidence, _ []float64) {
			for b, n := range counts {
				if n == 0 {
					confidence[b] = math.NaN()
				}
			}
		}), "NaN"},
		{"of all predictions", func(p []float64, right []bool, bins int) ([]int, []float64, []float64) {
			counts, confidence, accuracy := reliability(p, right, bins)
			for b, n := range counts {
				accuracy[b] *= float64(n) / float64(len(p))
			}
			return counts, confidence, accuracy
		}, "not by the number of all predictions"},
		{"shares of wrong ones", with(func(counts []int, _, accuracy []float64) {
			for b, n := range counts {
				if n > 0 {
					accuracy[b] = 1 - accuracy[b]
				}
			}
		}), "take the right ones"},
		{"exchanged", func(p []float64, right []bool, bins int) ([]int, []float64, []float64) {
			counts, confidence, accuracy := reliability(p, right, bins)
			return counts, accuracy, confidence
		}, "these are the accuracies"},
	})
}
