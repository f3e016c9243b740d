package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckOutputError(t *testing.T) {
	type answer = func(logits [][]float64, labels []int) [][]float64
	// by divides other errors of the images by a number.
	by := func(divisor func(n, classes float64) float64, errorOf func(z []float64, label int) []float64) answer {
		return func(logits [][]float64, labels []int) [][]float64 {
			out := make([][]float64, len(logits))
			for i, z := range logits {
				out[i] = mapped(errorOf(z, labels[i]), func(v float64) float64 {
					return v / divisor(float64(len(logits)), float64(len(z)))
				})
			}
			return out
		}
	}
	images := func(n, _ float64) float64 { return n }
	testCheck(t, outputErrorOf, lessons.CheckOutputError, CheckOutputErrorFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, []int) [][]float64 { panic("not implemented") }, "OutputError is not written yet"},
		{"sums", by(func(_, _ float64) float64 { return 1 }, lossGradient), "of the sum of the losses"},
		{"the sign", by(func(n, _ float64) float64 { return -n }, lossGradient), "the sign is wrong"},
		{"by classes", by(func(_, classes float64) float64 { return classes }, lossGradient), "divided by the number of classes; divide"},
		{"by both", by(func(n, classes float64) float64 { return n * classes }, lossGradient), "divided by the number of classes, too"},
		{"no label", by(images, func(z []float64, _ int) []float64 { return softmaxOf(z) }), "the one-hot label is missing"},
		{"no softmax", by(images, func(z []float64, label int) []float64 {
			g := append([]float64{}, z...)
			g[label]--
			return g
		}), "softmax is missing"},
		{"the right class only", by(images, func(z []float64, label int) []float64 {
			g := make([]float64, len(z))
			g[label] = softmaxOf(z)[label] - 1
			return g
		}), "only the right classes"},
		{"overflow", by(images, func(z []float64, label int) []float64 {
			g := withoutSubtraction(z)
			g[label]--
			return g
		}), "is not a number: probably an exponential"},
		{"one row", func(logits [][]float64, labels []int) [][]float64 { return outputErrorOf(logits, labels)[:1] }, "gives 1 rows, expected 2"},
		{"another formula", by(images, func(z []float64, label int) []float64 { return make([]float64, len(z)) }), "is softmax of the logits of image i"},
	})
}

// withoutSubtraction is softmax whose exponentials overflow.
func withoutSubtraction(z []float64) []float64 {
	p, sum := mapped(z, math.Exp), 0.0
	for _, v := range p {
		sum += v
	}
	return mapped(p, func(v float64) float64 { return v / sum })
}
