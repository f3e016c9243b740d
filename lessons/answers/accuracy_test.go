package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckAccuracy(t *testing.T) {
	type answer = func(predicted, labels []int) float64
	changed := func(f func(share, n float64) float64) answer {
		return func(predicted, labels []int) float64 { return f(share(predicted, labels), float64(len(labels))) }
	}
	testCheck(t, share, lessons.CheckAccuracy, CheckAccuracyFurther, []wrongCase[answer]{
		{"the stub", func(_, _ []int) float64 { panic("not implemented") }, "Accuracy is not written yet"},
		{"whole numbers", func(predicted, labels []int) float64 {
			right := 0
			for i := range labels {
				if predicted[i] == labels[i] {
					right++
				}
			}
			return float64(right / len(labels))
		}, "turn both into float64"},
		{"a count", changed(func(share, n float64) float64 { return share * n }), "this is how many are right"},
		{"per cent", changed(func(share, _ float64) float64 { return share * 100 }), "this is in per cent"},
		{"errors", changed(func(share, _ float64) float64 { return 1 - share }), "the error rate"},
		{"without the last", func(predicted, labels []int) float64 {
			n := len(labels)
			return share(predicted[:n-1], labels[:n-1]) * float64(n-1) / float64(n)
		}, "the last image is not counted"},
		{"one too far", func(predicted, labels []int) float64 {
			right := 0.0
			for i := 0; i <= len(labels); i++ {
				if predicted[i] == labels[i] {
					right++
				}
			}
			return right / float64(len(labels))
		}, "panics: index out of range"},
		{"another formula", func(_, _ []int) float64 { return 0.123 }, "count the images"},
	})
	expectMessage(t, CheckAccuracyFurther(changed(func(share, n float64) float64 { return share * n / 10 })), "divided by the number of classes")
}
