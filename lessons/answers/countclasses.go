package answers

import "fashionlab/lessons"

func visibleCountClasses() []lessons.Case {
	return each(countClassesCaseOf, countCase{[]byte{9, 0, 0, 3, 0, 3, 1}, 10})
}

// CheckCountClassesFurther checks CountClasses where the last classes are
// missing, and where there are no labels.
func CheckCountClassesFurther(count func(labels []byte, classes int) []int) error {
	return check("CountClasses", count, countClassesCaseOf,
		countCase{[]byte{1, 1, 1, 2}, 5},
		countCase{[]byte{0}, 1},
		countCase{[]byte{}, 3},
		countCase{[]byte{5, 4, 3, 2, 1, 0, 5, 4, 3, 5}, 6},
	)
}

type countCase struct {
	labels  []byte
	classes int
}

// countClassesCaseOf is a call, with the right result and those of typical mistakes.
func countClassesCaseOf(k countCase) lessons.Case {
	want := countsOf(k.labels, k.classes)
	once, sums, moved := make([]int, k.classes), make([]int, k.classes), make([]int, k.classes)
	for c, n := range want {
		once[c] = min(n, 1)
		sums[c] = n * c
		moved[(c+1)%k.classes] = n
	}
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "there is a count for each of the %d classes, not {length}, also for those that do not occur", k.classes),
		lessons.Gives(once, "each class is counted once at most; add 1 for each of its labels"),
		lessons.Gives(sums, "the labels are added up; add 1 for each, whatever its label"),
		lessons.Gives(moved, "the counts are one place too far; class 0 is at position 0"),
	}
	if len(k.labels) > 0 {
		causes = append(causes,
			lessons.Gives(countsOf(k.labels[1:], k.classes), "the first label is not counted; begin at position 0"),
			lessons.Gives(countsOf(k.labels[:len(k.labels)-1], k.classes), "the last label is not counted; let the loop run to its end"))
	}
	causes = append(causes, lessons.Otherwise("for each label, add 1 to the count at its position"))
	return lessons.One(want, causes, k.labels, k.classes)
}

// countsOf is the reference.
func countsOf(labels []byte, classes int) []int {
	counts := make([]int, classes)
	for _, label := range labels {
		counts[label]++
	}
	return counts
}
