package answers

import (
	"fashionlab/lessons"
	"fmt"
	"slices"
)

func visibleGradients() []lessons.Case {
	return each(gradientsCaseOf,
		regressionCase{
			[][]float64{{0.5, -1, 0}, {0.25, 1, -0.5}}, []float64{0.1, -0.2},
			[][]float64{{1, 0.5, 0}, {0.2, 0, 1}, {0.4, 0.8, 0.6}}, []int{0, 1, 1}},
	)
}

// CheckGradientsFurther checks Gradients on ten classes, on one image, and on
// random weights and images.
func CheckGradientsFurther(gradients func(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64)) error {
	return check("Gradients", gradients, gradientsCaseOf,
		regressionCase{[][]float64{{0, 0}, {0, 0}, {0, 0}}, []float64{0, 0, 0}, [][]float64{{1, 0.5}}, []int{2}},
		randomRegression(19, 10, 20, 7),
		randomRegression(23, 3, 3, 3),
	)
}

type regressionCase struct {
	weights [][]float64
	biases  []float64
	images  [][]float64
	labels  []int
}

// randomRegression makes a case with the given numbers of classes, pixels and images.
func randomRegression(seed uint64, classes, pixels, images int) regressionCase {
	random := newRandom(seed)
	var k regressionCase
	for range classes {
		row := make([]float64, pixels)
		for p := range row {
			row[p] = random.NormFloat64() / 2
		}
		k.weights, k.biases = append(k.weights, row), append(k.biases, random.NormFloat64())
	}
	for range images {
		x := make([]float64, pixels)
		for p := range x {
			x[p] = random.Float64()
		}
		k.images, k.labels = append(k.images, x), append(k.labels, random.IntN(classes))
	}
	return k
}

// gradientsCaseOf is a call, with the right results and those of typical mistakes.
func gradientsCaseOf(k regressionCase) lessons.Case {
	classes, pixels, n := len(k.weights), len(k.images[0]), float64(len(k.images))
	want, wantBiases := meanGradients(k.weights, k.biases, k.images, k.labels)
	// scaled multiplies the right gradients.
	scaled := func(factor float64) [][]float64 {
		rows := copyRows(want)
		for _, row := range rows {
			for p := range row {
				row[p] *= factor
			}
		}
		return rows
	}
	// wrongly computes the gradients with other errors than softmax − one-hot.
	wrongly := func(errorOf func(z []float64, label int) []float64) [][]float64 {
		rows, _ := summedGradients(k.weights, k.biases, k.images, k.labels, errorOf)
		for _, row := range rows {
			for p := range row {
				row[p] /= n
			}
		}
		return rows
	}
	last, _ := summedGradients(k.weights, k.biases, k.images[len(k.images)-1:], k.labels[len(k.labels)-1:], lossGradient)
	lastShare := copyRows(last)
	withoutPixels := copyRows(want)
	for c, row := range lastShare {
		for p := range row {
			row[p] /= n
			withoutPixels[c][p] = wantBiases[c]
		}
	}
	zeros, sums, signs, lastBias := make([]float64, classes), make([]float64, classes), make([]float64, classes), lossGradient(linear(k.weights, k.biases, k.images[len(k.images)-1]), k.labels[len(k.labels)-1])
	for c, g := range wantBiases {
		sums[c], signs[c] = n*g, -g
	}
	c := lessons.Case{
		Arguments: []any{k.weights, k.biases, k.images, k.labels},
		Results: []lessons.Result{
			{Want: want, Causes: slices.Concat([]lessons.Cause{
				lessons.If(lessons.WrongLength, "has {length} rows for the weights, expected %d: one for each class", classes).Alone(),
				lessons.If(lessons.WrongRowLength, "has {rowLength} values in row {row} for the weights, expected %d: one for each pixel", pixels).Alone(),
				lessons.If(lessons.SharedRows, "all rows share one slice, so that each overwrites the others; make a new one for each class"),
			}, saying("the gradients with respect to the weights are wrong: ",
				lessons.Gives(scaled(n), "these are sums; divide by the number of images"),
				lessons.Gives(scaled(-1), "the sign is wrong; the error is softmax minus one-hot"),
				lessons.Gives(scaled(1/float64(classes)), "divided by the number of classes, too; divide by the number of images only"),
				lessons.Gives(last, "only the last image is left; add the images up with += and divide by their number"),
				lessons.Gives(lastShare, "only a share of the last image is left; add the images up with +="),
				lessons.Gives(withoutPixels, "the pixels are missing; multiply the error of class i by pixel p"),
				lessons.Gives(wrongly(func(z []float64, _ int) []float64 { return softmaxOf(z) }), "the one-hot label is missing; subtract 1 from the probability of the right class"),
				lessons.Gives(wrongly(func(z []float64, label int) []float64 {
					g := append([]float64{}, z...)
					g[label]--
					return g
				}), "softmax is missing; turn the logits into probabilities first"),
				lessons.Gives(wrongly(func(z []float64, label int) []float64 {
					g := make([]float64, len(z))
					g[label] = lossGradient(z, label)[label]
					return g
				}), "only the weights of the right class have a gradient here; those of the others need one, too"),
				lessons.Otherwise("the derivative with respect to `weights[i][p]` is the mean over the images of (softmax minus one-hot)[i] times pixel p"),
			))},
			{Want: wantBiases, Causes: slices.Concat([]lessons.Cause{
				lessons.If(lessons.WrongLength, "has {length} values for the biases, expected %d: one for each class", classes).Alone(),
			}, saying("the gradients with respect to the biases are wrong: ",
				lessons.Gives(zeros, "they are all 0; the biases are learnt, too"),
				lessons.Gives(sums, "these are sums; divide them by the number of images, as those of the weights"),
				lessons.Gives(signs, "the sign is wrong; the error is softmax minus one-hot"),
				lessons.Gives(lastBias, "only the last image is left; add the images up with +="),
				lessons.Otherwise("the derivative with respect to `biases[i]` is the mean over the images of (softmax minus one-hot)[i]"),
			))},
		},
	}
	if classes*pixels > 6 {
		c.Shown = fmt.Sprintf("weights of %d classes × %d pixels, biases, %d images, labels", classes, pixels, len(k.images))
	}
	return c
}

// saying puts words before the texts of causes that do not stand alone.
func saying(words string, causes ...lessons.Cause) []lessons.Cause {
	for i := range causes {
		causes[i].Text = words + causes[i].Text
	}
	return causes
}

// summedGradients adds up the gradients of the images, given the derivatives of
// an image's loss by its logits.
func summedGradients(weights [][]float64, biases []float64, images [][]float64, labels []int, errorOf func(z []float64, label int) []float64) ([][]float64, []float64) {
	byWeights, byBiases := make([][]float64, len(weights)), make([]float64, len(weights))
	for c := range byWeights {
		byWeights[c] = make([]float64, len(weights[c]))
	}
	for i, x := range images {
		for c, e := range errorOf(linear(weights, biases, x), labels[i]) {
			byBiases[c] += e
			row := byWeights[c]
			for p, v := range x {
				row[p] += e * v
			}
		}
	}
	return byWeights, byBiases
}

// meanGradients is the reference.
func meanGradients(weights [][]float64, biases []float64, images [][]float64, labels []int) ([][]float64, []float64) {
	byWeights, byBiases := summedGradients(weights, biases, images, labels, lossGradient)
	n := float64(len(images))
	for c, row := range byWeights {
		byBiases[c] /= n
		for p := range row {
			row[p] /= n
		}
	}
	return byWeights, byBiases
}
