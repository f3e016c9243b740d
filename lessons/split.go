package lessons

import "slices"

// CheckSplit checks Split(n, validation, seed), which divides the positions 0 to n-1
// at random: validation of them go to the second result, the others to the
// first. Each position occurs exactly once, and the seed decides which.
func CheckSplit(split func(n, validation int, seed uint64) (train, held []int)) error {
	return passed.note(firstError(CheckSplitOf(split, 20, 5, 1), CheckSplitOf(split, 1000, 200, 7)), "Split: 2 cases right")
}

type splitCase struct {
	n, validation int
	seed          uint64
}

// CheckSplitOf checks Split with one set of arguments. There are many right
// splits, so that this check holds no answer: it looks at properties.
func CheckSplitOf(split func(n, validation int, seed uint64) (train, held []int), n, validation int, seed uint64) error {
	k := splitCase{n, validation, seed}
	call := callOf("Split", k.n, k.validation, k.seed)
	var train, held []int
	if err := call.run(func() { train, held = split(k.n, k.validation, k.seed) }); err != nil {
		return err
	}
	if len(train) == k.validation && len(held) == k.n-k.validation && len(train) != len(held) {
		return call.failf("returns %d positions to train on and %d to validate with; the two are exchanged", len(train), len(held))
	}
	if err := splitParts(call, k, train, held); err != nil {
		return err
	}

	var again, heldAgain []int
	if err := call.run(func() { again, heldAgain = split(k.n, k.validation, k.seed) }); err != nil {
		return err
	}
	if !slices.Equal(train, again) || !slices.Equal(held, heldAgain) {
		return call.failf("returns another split when it is called again; take all random numbers from rand.New(rand.NewPCG(seed, 0)), so that the same seed gives the same split")
	}

	// Of few positions, the last ones may be drawn by chance.
	if k.validation < 5 || k.n < 20 {
		return nil
	}
	ordered := slices.Clone(train)
	slices.Sort(ordered)
	tail := slices.Clone(held)
	slices.Sort(tail)
	if ordered[len(ordered)-1] < tail[0] {
		if !slices.Equal(ordered, train) {
			return call.failf("shuffles after dividing, so that the last %d positions are held back always; shuffle all positions first, and then divide", k.validation)
		}
		return call.failf("holds back the last %d positions, always; shuffle before you divide, since a file may be sorted", k.validation)
	}
	if ordered[0] > tail[len(tail)-1] {
		return call.failf("holds back the first %d positions, always; shuffle before you divide, since a file may be sorted", k.validation)
	}
	other := k
	other.seed++
	call = callOf("Split", other.n, other.validation, other.seed)
	var otherHeld []int
	if err := call.run(func() { _, otherHeld = split(other.n, other.validation, other.seed) }); err != nil {
		return err
	}
	slices.Sort(otherHeld)
	if slices.Equal(tail, otherHeld) {
		return call.failf("holds back the same positions as with the seed %d; the seed must decide", k.seed)
	}
	if evenSteps(tail) && evenSteps(otherHeld) {
		return call.failf("holds back positions that are equally far apart; take them at random")
	}
	return nil
}

// splitParts checks that each position is in exactly one part, and the parts' sizes.
func splitParts(call call, k splitCase, train, held []int) error {
	where := make(map[int]string)
	for _, part := range []struct {
		name      string
		positions []int
	}{{"training", train}, {"validation", held}} {
		for _, p := range part.positions {
			if p < 0 || p >= k.n {
				return call.failf("has the position %d in the %s part; %d images have the positions 0 to %d", p, part.name, k.n, k.n-1)
			}
			switch where[p] {
			case "":
				where[p] = part.name
			case part.name:
				return call.failf("has the position %d twice in the %s part; shuffle all positions once and cut, in place of drawing them one by one", p, part.name)
			default:
				return call.failf("has the position %d in both parts: the model will be judged on an image that it has seen. Divide one shuffled list in two", p)
			}
		}
	}
	if len(train) != k.n-k.validation || len(held) != k.validation {
		hint := "cut the shuffled list at its first n - validation positions"
		if len(train)+len(held) == k.n-1 {
			hint = "one position is lost; list[a:b] goes up to b-1"
		}
		return call.failf("returns %d positions to train on and %d to validate with, expected %d and %d: %s", len(train), len(held), k.n-k.validation, k.validation, hint)
	}
	return nil
}

// evenSteps says whether sorted positions are equally far apart.
func evenSteps(sorted []int) bool {
	for i := 2; i < len(sorted); i++ {
		if sorted[i]-sorted[i-1] != sorted[1]-sorted[0] {
			return false
		}
	}
	return len(sorted) > 2
}
