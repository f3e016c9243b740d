package lessons

import "math"

// CheckAccuracy checks Accuracy(predicted, labels): the share of positions at
// which the two are equal.
func CheckAccuracy(accuracy func(predicted, labels []int) float64) error {
	return checkAccuracy(accuracy, accuracyCase{[]int{9, 0, 3, 1, 0, 2, 7, 7}, []int{9, 0, 0, 3, 0, 2, 7, 7}})
}

// CheckAccuracyFurther checks Accuracy where all or none are right, and on one
// image and on many.
func CheckAccuracyFurther(accuracy func(predicted, labels []int) float64) error {
	many, right := make([]int, 1000), make([]int, 1000)
	random := newRandom(3)
	for i := range many {
		many[i], right[i] = random.IntN(10), random.IntN(10)
	}
	return checkAccuracy(accuracy,
		accuracyCase{[]int{1, 2, 3}, []int{1, 2, 3}},
		accuracyCase{[]int{1, 2}, []int{2, 1}},
		accuracyCase{[]int{7}, []int{7}},
		accuracyCase{[]int{4, 4, 4, 5}, []int{5, 5, 5, 5}},
		accuracyCase{many, right},
	)
}

type accuracyCase struct{ predicted, labels []int }

func checkAccuracy(accuracy func(predicted, labels []int) float64, cases ...accuracyCase) error {
	for _, k := range cases {
		call := callOf("Accuracy", k.predicted, k.labels)
		var got float64
		if err := call.run(func() { got = accuracy(k.predicted, k.labels) }); err != nil {
			return err
		}
		want := share(k.predicted, k.labels)
		if alike(got, want) {
			continue
		}
		n := float64(len(k.labels))
		last := 0.0 // what the last image adds to the count
		if k.predicted[len(k.predicted)-1] == k.labels[len(k.labels)-1] {
			last = 1
		}
		return call.wrong(got, want, "%s", likelyCause(got, alike, "count the images whose predicted class is their label, and divide by how many images there are",
			mistake[float64]{math.Trunc(want), "a whole number divided by a whole number is a whole number in Go; turn both into float64 before you divide"},
			mistake[float64]{want * n, "this is how many are right; divide by how many there are"},
			mistake[float64]{want * 100, "this is in per cent; the accuracy is a share between 0 and 1"},
			mistake[float64]{1 - want, "this is the share of the wrong ones, the error rate"},
			mistake[float64]{want * n / 10, "divided by the number of classes; divide by the number of images"},
			mistake[float64]{(want*n - last) / n, "the last image is not counted; let the loop run to its end"},
		))
	}
	return nil
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
