package fashion

import (
	"slices"
	"strings"
	"testing"
)

// blank returns a data set of n black images with labels 0 to 9 in turn.
func blank(n int) *Dataset {
	d := &Dataset{Name: "blank", Images: make([]byte, n*ImagePixels), Labels: make([]byte, n)}
	for i := range n {
		d.Labels[i] = byte(i % NumClasses)
	}
	return d
}

func TestRandomSplitIsThePinnedOne(t *testing.T) {
	d := blank(12)
	for seed, want := range map[uint64][]int32{
		0:  {2, 7, 5, 6, 0, 11, 1, 3, 4, 10, 8, 9},
		1:  {10, 2, 11, 5, 9, 3, 6, 7, 1, 4, 8, 0},
		42: {2, 8, 3, 10, 0, 7, 1, 4, 5, 6, 9, 11},
	} {
		train, validation, err := RandomSplit(d, seed, 9, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(train.Indices, want[:9]) || !slices.Equal(validation.Indices, want[9:]) {
			t.Errorf("seed %d: found %v and %v, want %v", seed, train.Indices, validation.Indices, want)
		}
	}

	// The size of the homework.
	d = &Dataset{Images: make([]byte, 60000*ImagePixels), Labels: make([]byte, 60000)}
	train, validation, err := RandomSplit(d, 42, 50000, 10000)
	if err != nil {
		t.Fatal(err)
	}
	all := append(slices.Clone(train.Indices), validation.Indices...)
	if got := weightedSum(all); got != 54026220176543 {
		t.Errorf("weighted sum of seed 42's split is %d, want 54026220176543", got)
	}
	if want := []int32{37440, 42391, 47435, 50104}; !slices.Equal(all[:4], want) {
		t.Errorf("seed 42's split begins with %v, want %v", all[:4], want)
	}
}

func TestRandomSplitUsesEveryImageOnce(t *testing.T) {
	d := blank(1000)
	for _, validationSize := range []int{0, 1, 250, 999} {
		train, validation, err := RandomSplit(d, 5, 1000-validationSize, validationSize)
		if err != nil {
			t.Fatal(err)
		}
		if train.Len() != 1000-validationSize || validation.Len() != validationSize {
			t.Errorf("found sizes %d and %d, want %d and %d", train.Len(), validation.Len(), 1000-validationSize, validationSize)
		}
		if train.Dataset != d || validation.Dataset != d {
			t.Error("a part belongs to another data set")
		}
		if !isPermutation(append(slices.Clone(train.Indices), validation.Indices...), 1000) {
			t.Error("the parts are not all images, each once")
		}
	}
}

func TestAppendingToTheTrainingPartDoesNotReachTheValidationPart(t *testing.T) {
	train, validation, err := RandomSplit(blank(10), 1, 6, 4)
	if err != nil {
		t.Fatal(err)
	}
	first := validation.Indices[0]
	_ = append(train.Indices, 77)
	if validation.Indices[0] != first {
		t.Error("the validation part changed")
	}
}

func TestRandomSplitRejectsSizesThatDoNotAddUp(t *testing.T) {
	const largest = int(^uint(0) >> 1)
	for _, sizes := range [][2]int{{6, 3}, {6, 5}, {11, -1}, {0, 10}, {-1, 11}, {largest, largest}, {10 - largest, largest}} {
		_, _, err := RandomSplit(blank(10), 1, sizes[0], sizes[1])
		if err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("sizes %v: found error %v, want one that says what there should be", sizes, err)
		}
	}
	if _, _, err := RandomSplit(nil, 1, 1, 1); err == nil {
		t.Error("a nil data set was split")
	}
	if _, _, err := RandomSplit(&Dataset{Labels: make([]byte, 2)}, 1, 1, 1); err == nil {
		t.Error("a data set without images was split")
	}
}

// isPermutation reports whether values holds 0 to n-1, each once.
func isPermutation(values []int32, n int) bool {
	return slices.Equal(slices.Sorted(slices.Values(values)), ascending(n))
}

// weightedSum tells permutations apart: the sum of each value times its
// position counted from 1.
func weightedSum(values []int32) int64 {
	sum := int64(0)
	for i, value := range values {
		sum += int64(i+1) * int64(value)
	}
	return sum
}
