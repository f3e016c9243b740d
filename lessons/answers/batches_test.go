package answers

import (
	"slices"
	"testing"

	"fashionlab/lessons"
)

func TestCheckBatches(t *testing.T) {
	type answer = func(indices []int, size int) [][]int
	testCheck(t, batchesOf, lessons.CheckBatches, CheckBatchesFurther, []wrongCase[answer]{
		{"the stub", func([]int, int) [][]int { panic("not implemented") }, "Batches is not written yet"},
		{"whole ones only", func(indices []int, size int) [][]int { return batchesOf(indices, size)[:len(indices)/size] }, "the last indices are lost"},
		{"past the end", func(indices []int, size int) [][]int {
			var out [][]int
			exact := slices.Clip(indices)
			for i := 0; i < len(exact); i += size {
				out = append(out, exact[i:i+size])
			}
			return out
		}, "panics: slice bounds out of range"},
		{"an empty one", func(indices []int, size int) [][]int {
			var out [][]int
			for i := 0; i <= len(indices); i += size {
				out = append(out, indices[i:min(i+size, len(indices))])
			}
			return out
		}, "an empty batch at the end"},
		{"filled with zeros", func(indices []int, size int) [][]int {
			out := batchesOf(indices, size)
			last := make([]int, size)
			copy(last, out[len(out)-1])
			out[len(out)-1] = last
			return out
		}, "filled up with zeros"},
		{"filled from the beginning", func(indices []int, size int) [][]int {
			return batchesOf(append(slices.Clone(indices), indices[:(size-len(indices)%size)%size]...), size)
		}, "images from the beginning"},
		{"windows", func(indices []int, size int) [][]int {
			var out [][]int
			for i := 0; i+size <= len(indices); i++ {
				out = append(out, indices[i:i+size])
			}
			return out
		}, "the batches overlap"},
		{"one too large", func(indices []int, size int) [][]int { return batchesOf(indices, size+1) }, "one too large"},
		{"size batches", func(indices []int, size int) [][]int {
			if len(indices) == 7 {
				return batchesOf(indices, size) // by chance the same
			}
			return batchesOf(indices, max(1, (len(indices)+size-1)/size))
		}, "these are `size` batches"},
		{"sorted", func(indices []int, size int) [][]int { return batchesOf(slices.Sorted(slices.Values(indices)), size) }, "the order has changed"},
		{"every so many-th", func(indices []int, size int) [][]int {
			out := make([][]int, (len(indices)+size-1)/size)
			for i, v := range indices {
				out[i%len(out)] = append(out[i%len(out)], v)
			}
			return out
		}, "the order has changed"},
		{"another formula", func([]int, int) [][]int { return [][]int{{1}} }, "the first batch has the first `size` indices"},
	})
}
