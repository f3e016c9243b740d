package answers

import (
	"math"
	"testing"

	"fashionlab/lessons"
)

func TestCheckSteps(t *testing.T) {
	type answer = func(images, batchSize, epochs int) int
	testCheck(t, stepsOf, lessons.CheckSteps, CheckStepsFurther, []wrongCase[answer]{
		{"the stub", func(int, int, int) int { panic("not implemented") }, "Steps is not written yet"},
		{"rounded down", func(n, size, epochs int) int { return n / size * epochs }, "the last, shorter batch is a step"},
		{"one epoch", func(n, size, _ int) int { return (n + size - 1) / size }, "these are the steps of one epoch"},
		{"images", func(n, _, epochs int) int { return n * epochs }, "a step for each image"},
		{"rounded up at the end", func(n, size, epochs int) int {
			return int(math.Ceil(float64(n*epochs) / float64(size)))
		}, "round up in each epoch"},
		{"rounded down at the end", func(n, size, epochs int) int { return n * epochs / size }, "round the batches of an epoch up"},
		{"one more", func(n, size, epochs int) int { return (n/size + 1) * epochs }, "there is no short batch"},
		{"epochs divided", func(n, size, epochs int) int { return (n + size - 1) / size / epochs }, "an epoch has a step for each batch"},
	})
}
