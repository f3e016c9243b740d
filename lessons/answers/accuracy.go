package answers

import (
	"math"

	"fashionlab/lessons"
)

func visibleAccuracy() []lessons.Case {
	return each(accuracyCaseOf, accuracyCase{[]int{9, 0, 3, 1, 0, 2, 7, 7}, []int{9, 0, 0, 3, 0, 2, 7, 7}})
}

// CheckAccuracyFurther checks Accuracy where all or none are right, and on one
// image and on many.
func CheckAccuracyFurther(accuracy func(predicted, labels []int) float64) error {
	many, right := make([]int, 1000), make([]int, 1000)
	random := newRandom(3)
	for i := range many {
		many[i], right[i] = random.IntN(10), random.IntN(10)
	}
	return check("Accuracy", accuracy, accuracyCaseOf,
		accuracyCase{[]int{1, 2, 3}, []int{1, 2, 3}},
		accuracyCase{[]int{1, 2}, []int{2, 1}},
		accuracyCase{[]int{7}, []int{7}},
		accuracyCase{[]int{4, 4, 4, 5}, []int{5, 5, 5, 5}},
		accuracyCase{many, right},
	)
}

type accuracyCase struct{ predicted, labels []int }

// accuracyCaseOf is a call, with the right result and those of typical mistakes.
func accuracyCaseOf(k accuracyCase) lessons.Case {
	want := share(k.predicted, k.labels)
	n := float64(len(k.labels))
	last := 0.0 // what the last image adds to the count
	if k.predicted[len(k.predicted)-1] == k.labels[len(k.labels)-1] {
		last = 1
	}
	causes := []lessons.Cause{
		lessons.Gives(math.Trunc(want), "a whole number divided by a whole number is a whole number in Go; turn both into float64 before you divide"),
		lessons.Gives(want*n, "this is how many are right; divide by how many there are"),
		lessons.Gives(want*100, "this is in per cent; the accuracy is a share between 0 and 1"),
		lessons.Gives(1-want, "this is the share of the wrong ones, the error rate"),
		lessons.Gives(want*n/10, "divided by the number of classes; divide by the number of images"),
		lessons.Gives((want*n-last)/n, "the last image is not counted; let the loop run to its end"),
		lessons.Otherwise("count the images whose predicted class is their label, and divide by how many images there are"),
	}
	return lessons.One(want, causes, k.predicted, k.labels)
}

// share is the reference.
func share(predicted, labels []int) float64 {
	right := 0
	for i, label := range labels {
		if predicted[i] == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}
