package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckCountClasses(t *testing.T) {
	type answer = func(labels []byte, classes int) []int
	testCheck(t, countsOf, lessons.CheckCountClasses, CheckCountClassesFurther, []wrongCase[answer]{
		{"the stub", func([]byte, int) []int { panic("not implemented") }, "CountClasses is not written yet"},
		{"as long as the largest label", func(labels []byte, _ int) []int {
			var counts []int
			for _, label := range labels {
				for len(counts) <= int(label) {
					counts = append(counts, 0)
				}
				counts[label]++
			}
			return counts
		}, "a count for each of the 5 classes, not 3"},
		{"once", func(labels []byte, classes int) []int {
			counts := make([]int, classes)
			for _, label := range labels {
				counts[label] = 1
			}
			return counts
		}, "counted once at most"},
		{"added up", func(labels []byte, classes int) []int {
			counts := make([]int, classes)
			for _, label := range labels {
				counts[label] += int(label)
			}
			return counts
		}, "the labels are added up"},
		{"one place too far", func(labels []byte, classes int) []int {
			counts := make([]int, classes)
			for _, label := range labels {
				counts[(int(label)+1)%classes]++
			}
			return counts
		}, "one place too far"},
		{"without the first", func(labels []byte, classes int) []int { return countsOf(labels[1:], classes) }, "the first label is not counted"},
		{"without the last", func(labels []byte, classes int) []int { return countsOf(labels[:len(labels)-1], classes) }, "the last label is not counted"},
		{"nothing made", func(labels []byte, _ int) []int {
			var counts []int
			for _, label := range labels {
				counts[label]++
			}
			return counts
		}, "one that was only declared has none"},
		{"another formula", func(_ []byte, classes int) []int { return make([]int, classes) }, "add 1 to the count at its position"},
	})
}
