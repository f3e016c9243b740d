package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckTrainEpoch(t *testing.T) {
	type answer = func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64)
	// looping goes through the batches with a wrong body.
	looping := func(body func(w0, w [][]float64, b0, b []float64, x [][]float64, labels []int, rate float64) ([][]float64, []float64)) answer {
		return func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			w0, b0 := w, b
			for start := 0; start < len(x); start += size {
				end := min(start+size, len(x))
				w, b = body(w0, w, b0, b, x[start:end], labels[start:end], rate)
			}
			return w, b
		}
	}
	testCheck(t, epochOf, lessons.CheckTrainEpoch, CheckTrainEpochFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, []float64, [][]float64, []int, int, float64) ([][]float64, []float64) {
			panic("not implemented")
		}, "TrainEpoch is not written yet"},
		{"nothing", func(w [][]float64, b []float64, _ [][]float64, _ []int, _ int, _ float64) ([][]float64, []float64) {
			return w, b
		}, "nothing has changed"},
		{"one step", func(w [][]float64, b []float64, x [][]float64, labels []int, _ int, rate float64) ([][]float64, []float64) {
			return epochOf(w, b, x, labels, len(x), rate)
		}, "one step with all images"},
		{"the first batch", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			n := min(size, len(x))
			return epochOf(w, b, x[:n], labels[:n], size, rate)
		}, "only the first batch was used"},
		{"whole batches", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			n := len(x) / size * size
			return epochOf(w, b, x[:n], labels[:n], size, rate)
		}, "shorter batch is left out"},
		{"past the end", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			for i := 0; i < len(x); i += size {
				dw, db := meanGradients(w, b, x[i:min(i+size, len(x))], labels[i:i+size:len(labels)])
				w, b = stepOf(w, b, dw, db, rate)
			}
			return w, b
		}, "panics: slice bounds out of range"},
		{"from the first weights", looping(func(w0, _ [][]float64, b0, _ []float64, x [][]float64, labels []int, rate float64) ([][]float64, []float64) {
			dw, db := meanGradients(w0, b0, x, labels)
			return stepOf(w0, b0, dw, db, rate)
		}), "only the last step is left"},
		{"gradients at the first weights", looping(func(w0, w [][]float64, b0, b []float64, x [][]float64, labels []int, rate float64) ([][]float64, []float64) {
			dw, db := meanGradients(w0, b0, x, labels)
			return stepOf(w, b, dw, db, rate)
		}), "all gradients are computed at the first weights"},
		{"sums", looping(func(_, w [][]float64, _, b []float64, x [][]float64, labels []int, rate float64) ([][]float64, []float64) {
			dw, db := summedGradients(w, b, x, labels, lossGradient)
			return stepOf(w, b, dw, db, rate)
		}), "summed over a batch and not averaged"},
		{"uphill", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			return epochOf(w, b, x, labels, size, -rate)
		}, "this goes uphill"},
		{"single images", func(w [][]float64, b []float64, x [][]float64, labels []int, _ int, rate float64) ([][]float64, []float64) {
			return epochOf(w, b, x, labels, 1, rate)
		}, "a step for each image; take"},
		{"labels of the first batch", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			repeated := make([]int, len(labels))
			for i := range repeated {
				repeated[i] = labels[i%size]
			}
			return epochOf(w, b, x, repeated, size, rate)
		}, "every batch has the labels of the first"},
		{"two epochs", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			w, b = epochOf(w, b, x, labels, size, rate)
			return epochOf(w, b, x, labels, size, rate)
		}, "this is two epochs"},
		{"the first biases", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			newW, _ := epochOf(w, b, x, labels, size, rate)
			return newW, b
		}, "the weights are right and the biases are not"},
		{"nil", func([][]float64, []float64, [][]float64, []int, int, float64) ([][]float64, []float64) {
			return nil, nil
		}, "gives weights of 0 rows"},
		{"another formula", func(w [][]float64, b []float64, x [][]float64, labels []int, size int, rate float64) ([][]float64, []float64) {
			return epochOf(w, b, x, labels, size, rate*0.9)
		}, "for each batch, in order"},
	})
}
