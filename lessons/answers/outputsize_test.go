package answers

import (
	"math"
	"testing"

	"fashionlab/fashion"

	"fashionlab/lessons"
)

func TestOutputSizeChecksTellTypicalAnswersApart(t *testing.T) {
	type f = func(size, kernel, padding, stride int) int
	testChecks(t, []func(f) error{lessons.CheckOutputSize, CheckOutputSizeFurther},
		func(n, k, p, s int) int { return (n+2*p-k)/s + 1 },
		wrongAnswer[f]{"fence posts", func(n, k, p, s int) int { return (n + 2*p - k) / s }, "n + 1 places"},
		wrongAnswer[f]{"padding once", func(n, k, p, s int) int { return (n+p-k)/s + 1 }, "counts twice"},
		wrongAnswer[f]{"no padding", func(n, k, _, s int) int { return (n-k)/s + 1 }, "the padding is left out"},
		wrongAnswer[f]{"no stride", func(n, k, p, _ int) int { return n + 2*p - k + 1 }, "the stride is left out"},
		wrongAnswer[f]{"rounded up", func(n, k, p, s int) int {
			return int(math.Ceil(float64(n+2*p-k)/float64(s))) + 1
		}, "rounded up"},
		wrongAnswer[f]{"size divided alone", func(n, k, p, s int) int { return (n+2*p)/s - k + 1 }, "subtract the kernel first"},
		wrongAnswer[f]{"a constant", func(_, _, _, _ int) int { return 25 }, "count the places"},
		wrongAnswer[f]{"stub", func(_, _, _, _ int) int { panic(stubPanic) }, "not written yet"},
	)
}

func TestOutputSizeIsThatOfTheLibrary(t *testing.T) {
	for kernel := 1; kernel <= 5; kernel++ {
		for padding := range 3 {
			for stride := 1; stride <= 3; stride++ {
				shape, err := fashion.Conv2D(1, 1, kernel, fashion.Padding(padding), fashion.Stride(stride)).OutputShape([]int{1, 9, 9})
				if err != nil {
					t.Fatal(err)
				}
				if got := outputSize(9, kernel, padding, stride); got != shape[1] {
					t.Errorf("kernel %d, padding %d, stride %d: %d, want %d", kernel, padding, stride, got, shape[1])
				}
			}
		}
	}
}
