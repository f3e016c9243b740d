package answers

import (
	"slices"

	"fashionlab/lessons"
)

func visibleBatches() []lessons.Case {
	return each(batchesCaseOf,
		batchesCase{[]int{7, 3, 9, 1, 4, 8, 2}, 3},
		batchesCase{[]int{5, 6, 7, 8}, 2},
	)
}

// CheckBatchesFurther checks Batches with a size above the list's length, with
// batches of one, with an empty list, and with the sizes of a real training.
func CheckBatchesFurther(batches func(indices []int, size int) [][]int) error {
	many := make([]int, 1000)
	for i := range many {
		many[i] = 999 - i
	}
	return check("Batches", batches, batchesCaseOf,
		batchesCase{[]int{4, 2}, 5},
		batchesCase{[]int{4, 2, 9}, 1},
		batchesCase{[]int{4, 2, 9}, 3},
		batchesCase{[]int{}, 3},
		batchesCase{many, 128},
		batchesCase{many, 250},
	)
}

type batchesCase struct {
	indices []int
	size    int
}

// batchesCaseOf is a call, with the right result and those of typical mistakes.
func batchesCaseOf(k batchesCase) lessons.Case {
	want := batchesOf(k.indices, k.size)
	n := len(k.indices)
	whole := want[:n/k.size]
	var windows, zeros [][]int
	for i := 0; i+k.size <= n; i++ {
		windows = append(windows, k.indices[i:i+k.size])
	}
	zeros = slices.Clone(want)
	if n%k.size > 0 {
		last := make([]int, k.size)
		copy(last, want[len(want)-1])
		zeros[len(zeros)-1] = last
	}
	around := slices.Clone(whole)
	if rest := n % k.size; rest > 0 {
		around = append(around, append(slices.Clone(k.indices[n-rest:]), k.indices[:min(k.size-rest, n)]...))
	}
	causes := []lessons.Cause{
		lessons.If(lessons.Reordered, "the order has changed; keep that of the list, which was shuffled already"),
	}
	if n%k.size > 0 {
		causes = append(causes, lessons.Gives(whole, "the last indices are lost; they make a shorter batch of their own"))
	}
	causes = append(causes,
		lessons.Gives(append(slices.Clone(want), []int{}), "there is an empty batch at the end; stop when all indices are used"),
		lessons.Gives(zeros, "the last batch is filled up with zeros, and 0 is an image, too; make it shorter"),
		lessons.Gives(around, "the last batch is filled up with images from the beginning, which count twice then; make it shorter"),
		lessons.Gives(windows, "the batches overlap; move on by `size`, not by 1"),
		lessons.Gives(batchesOf(k.indices, k.size+1), "each batch is one too large; s[a:b] has b-a elements"),
		lessons.Gives(batchesOf(k.indices, max((n+k.size-1)/k.size, 1)), "these are `size` batches; each batch should have `size` elements"),
		lessons.Otherwise("the first batch has the first `size` indices, the next one the next, and so on"),
	)
	return lessons.One(want, causes, k.indices, k.size)
}

// batchesOf is the reference.
func batchesOf(indices []int, size int) [][]int {
	return slices.Collect(slices.Chunk(indices, size))
}
