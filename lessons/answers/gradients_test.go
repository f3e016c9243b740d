package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckGradients(t *testing.T) {
	type answer = func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64)
	// mean computes means of gradients with other errors.
	mean := func(errorOf func(z []float64, label int) []float64) answer {
		return func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			dw, db := summedGradients(weights, biases, images, labels, errorOf)
			for c, row := range dw {
				db[c] /= float64(len(images))
				for p := range row {
					row[p] /= float64(len(images))
				}
			}
			return dw, db
		}
	}
	// biases changes the right gradients with respect to the biases.
	biases := func(f func(db []float64, n float64)) answer {
		return func(weights [][]float64, b []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			dw, db := meanGradients(weights, b, images, labels)
			f(db, float64(len(images)))
			return dw, db
		}
	}
	testCheck(t, meanGradients, lessons.CheckGradients, CheckGradientsFurther, []wrongCase[answer]{
		{"the stub", func([][]float64, []float64, [][]float64, []int) ([][]float64, []float64) { panic("not implemented") }, "Gradients is not written yet"},
		{"sums", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			return summedGradients(weights, biases, images, labels, lossGradient)
		}, "with respect to the weights are wrong: these are sums"},
		{"the sign", mean(func(z []float64, label int) []float64 {
			g := lossGradient(z, label)
			for i := range g {
				g[i] = -g[i]
			}
			return g
		}), "with respect to the weights are wrong: the sign"},
		{"by classes", mean(func(z []float64, label int) []float64 {
			g := lossGradient(z, label)
			for i := range g {
				g[i] /= float64(len(g))
			}
			return g
		}), "divided by the number of classes, too"},
		{"the last image", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			n := len(images) - 1
			return meanGradients(weights, biases, images[n:], labels[n:])
		}, "with respect to the weights are wrong: only the last image is left"},
		{"a share of the last image", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			n := len(images) - 1
			dw, db := meanGradients(weights, biases, images[n:], labels[n:])
			for c, row := range dw {
				db[c] /= float64(len(images))
				for p := range row {
					row[p] /= float64(len(images))
				}
			}
			return dw, db
		}, "only a share of the last image"},
		{"without pixels", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			dw, db := meanGradients(weights, biases, images, labels)
			for c, row := range dw {
				for p := range row {
					row[p] = db[c]
				}
			}
			return dw, db
		}, "the pixels are missing"},
		{"without labels", mean(func(z []float64, _ int) []float64 { return softmaxOf(z) }), "the one-hot label is missing"},
		{"without softmax", mean(func(z []float64, label int) []float64 {
			g := append([]float64{}, z...)
			g[label]--
			return g
		}), "softmax is missing"},
		{"the right class only", mean(func(z []float64, label int) []float64 {
			g := make([]float64, len(z))
			g[label] = softmaxOf(z)[label] - 1
			return g
		}), "only the weights of the right class"},
		{"no biases", biases(func(db []float64, _ float64) { clear(db) }), "the biases are learnt, too"},
		{"summed biases", biases(func(db []float64, n float64) {
			for i := range db {
				db[i] *= n
			}
		}), "as those of the weights"},
		{"the biases' sign", biases(func(db []float64, _ float64) {
			for i := range db {
				db[i] = -db[i]
			}
		}), "with respect to the biases are wrong: the sign"},
		{"one slice", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			dw, db := meanGradients(weights, biases, images, labels)
			for c := range dw {
				dw[c] = dw[0]
			}
			return dw, db
		}, "all rows share one slice"},
		{"rows and columns exchanged", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			dw, db := meanGradients(weights, biases, images, labels)
			return rowsAsColumns(dw), db
		}, "expected 2: one for each class"},
		{"in place", func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
			biases[0]++
			return meanGradients(weights, biases, images, labels)
		}, "changes its argument"},
		{"another formula", mean(func(z []float64, _ int) []float64 { return make([]float64, len(z)) }), "is the mean over the images of (softmax minus one-hot)[i] times pixel p"},
	})
}

func TestTheReferenceGradientsAreTheSlopesOfTheMeanLoss(t *testing.T) {
	k := randomRegression(5, 3, 4, 6)
	byWeights, byBiases := meanGradients(k.weights, k.biases, k.images, k.labels)
	loss := func() float64 {
		sum := 0.0
		for i, x := range k.images {
			sum += logitLoss(linear(k.weights, k.biases, x), k.labels[i])
		}
		return sum / float64(len(k.images))
	}
	slope := func(at *float64) float64 {
		const h = 1e-5
		was := *at
		*at = was + h
		up := loss()
		*at = was - h
		down := loss()
		*at = was
		return (up - down) / (2 * h)
	}
	for c := range k.weights {
		if got := slope(&k.biases[c]); !near(byBiases[c], got, 1e-8) {
			t.Errorf("bias %d: gradient %v, slope %v", c, byBiases[c], got)
		}
		for p := range k.weights[c] {
			if got := slope(&k.weights[c][p]); !near(byWeights[c][p], got, 1e-8) {
				t.Errorf("weight %d %d: gradient %v, slope %v", c, p, byWeights[c][p], got)
			}
		}
	}
}
