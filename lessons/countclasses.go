package lessons

import "slices"

// CheckCountClasses checks CountClasses(labels, classes): how many labels there
// are of each class.
func CheckCountClasses(count func(labels []byte, classes int) []int) error {
	return checkCountClasses(count, countCase{[]byte{9, 0, 0, 3, 0, 3, 1}, 10})
}

// CheckCountClassesFurther checks CountClasses where the last classes are
// missing, and where there are no labels.
func CheckCountClassesFurther(count func(labels []byte, classes int) []int) error {
	return checkCountClasses(count,
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

func checkCountClasses(count func(labels []byte, classes int) []int, cases ...countCase) error {
	for _, k := range cases {
		call := callOf("CountClasses", k.labels, k.classes)
		var got []int
		if err := call.run(func() { got = count(k.labels, k.classes) }); err != nil {
			return err
		}
		want := countsOf(k.labels, k.classes)
		if slices.Equal(got, want) {
			continue
		}
		if len(got) != k.classes {
			return call.wrong(got, want, "there is a count for each of the %d classes, not %d, also for those that do not occur", k.classes, len(got))
		}
		once, sums, moved := make([]int, k.classes), make([]int, k.classes), make([]int, k.classes)
		for c, n := range want {
			once[c] = min(n, 1)
			sums[c] = n * c
			moved[(c+1)%k.classes] = n
		}
		mistakes := []mistake[[]int]{
			{once, "each class is counted once at most; add 1 for each of its labels"},
			{sums, "the labels are added up; add 1 for each, whatever its label"},
			{moved, "the counts are one place too far; class 0 is at position 0"},
		}
		if len(k.labels) > 0 {
			mistakes = append(mistakes,
				mistake[[]int]{countsOf(k.labels[1:], k.classes), "the first label is not counted; begin at position 0"},
				mistake[[]int]{countsOf(k.labels[:len(k.labels)-1], k.classes), "the last label is not counted; let the loop run to its end"})
		}
		return call.wrong(got, want, "%s", likelyCause(got, slices.Equal[[]int], "for each label, add 1 to the count at its position", mistakes...))
	}
	return nil
}

// countsOf is the reference.
func countsOf(labels []byte, classes int) []int {
	counts := make([]int, classes)
	for _, label := range labels {
		counts[label]++
	}
	return counts
}
