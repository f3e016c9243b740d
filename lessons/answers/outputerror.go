package answers

import (
	"fmt"

	"fashionlab/lessons"
)

func visibleOutputError() []lessons.Case {
	return each(outputErrorCaseOf,
		logitsBatch{[][]float64{{1, 2, 0.5}, {-1, 0.5, 2}}, []int{1, 0}})
}

// CheckOutputErrorFurther checks OutputError on one image, on large logits, and on ten classes.
func CheckOutputErrorFurther(outputError func(logits [][]float64, labels []int) [][]float64) error {
	return check("OutputError", outputError, outputErrorCaseOf,
		logitsBatch{[][]float64{{0, 0, 0, 0}}, []int{3}},
		logitsBatch{[][]float64{{1000, 1001}, {-1000, -999}, {3, 1}}, []int{0, 1, 1}},
		logitsBatch{randomRows(111, 9, 10), []int{0, 9, 1, 5, 5, 3, 8, 2, 7}},
	)
}

type logitsBatch struct {
	logits [][]float64
	labels []int
}

// outputErrorCaseOf is a call, with the right result and those of typical mistakes.
func outputErrorCaseOf(k logitsBatch) lessons.Case {
	want := outputErrorOf(k.logits, k.labels)
	n, classes := float64(len(k.logits)), float64(len(k.logits[0]))
	scaled := func(factor float64) [][]float64 {
		return mappedRows(want, func(v float64) float64 { return v * factor })
	}
	var withoutLabels, withoutSoftmax, rightOnly [][]float64
	for i, z := range k.logits {
		withoutLabels = append(withoutLabels, mapped(softmaxOf(z), func(p float64) float64 { return p / n }))
		withoutSoftmax = append(withoutSoftmax, mapped(z, func(v float64) float64 { return v / n }))
		withoutSoftmax[i][k.labels[i]] -= 1 / n
		rightOnly = append(rightOnly, make([]float64, len(z)))
		rightOnly[i][k.labels[i]] = want[i][k.labels[i]]
	}
	c := lessons.One(want, []lessons.Cause{
		lessons.If(lessons.WrongLength, "gives {length} rows, expected %d: one for each image", len(want)).Alone(),
		lessons.If(lessons.WrongRowLength, "gives {rowLength} values in row {row}, expected %d: one for each class", len(want[0])).Alone(),
		lessons.If(lessons.HasNaN, "a value is not a number: probably an exponential became +Inf; use Softmax, which subtracts the largest logit first"),
		lessons.Gives(scaled(n), "these are the derivatives of the sum of the losses; divide by the number of images"),
		lessons.Gives(scaled(-1), "the sign is wrong: softmax minus one-hot"),
		lessons.Gives(scaled(n/classes), "divided by the number of classes; divide by the number of images"),
		lessons.Gives(scaled(1/classes), "divided by the number of classes, too; divide by the number of images only"),
		lessons.Gives(withoutLabels, "the one-hot label is missing: subtract 1 at the right class, before you divide"),
		lessons.Gives(withoutSoftmax, "softmax is missing: turn the logits of each image into probabilities first"),
		lessons.Gives(rightOnly, "only the right classes have a derivative here; those of the others are their probabilities, divided by the number of images"),
		lessons.Otherwise("row i is softmax of the logits of image i, minus 1 at its label, divided by the number of images"),
	}, k.logits, k.labels)
	if len(k.logits) > 3 {
		c.Shown = fmt.Sprintf("logits of %d images, labels", len(k.logits))
	}
	return c
}

// outputErrorOf is the reference.
func outputErrorOf(logits [][]float64, labels []int) [][]float64 {
	out := make([][]float64, len(logits))
	for i, z := range logits {
		out[i] = mapped(lossGradient(z, labels[i]), func(v float64) float64 { return v / float64(len(logits)) })
	}
	return out
}
