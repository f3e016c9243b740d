package answers

import "fashionlab/lessons"

// A dropoutBackward is what the backward pass of dropout needs.
type dropoutBackward struct {
	dy   []float64
	kept []bool
	p    float64
}

func visibleDropoutBackward() []lessons.Case {
	return each(dropoutBackwardCaseOf,
		dropoutBackward{[]float64{1, -2, 3, 0.5}, []bool{true, false, true, true}, 0.5},
		dropoutBackward{[]float64{3, 1.5, -6}, []bool{false, true, true}, 0.25})
}

// CheckDropoutBackwardFurther checks a rate of 0, all values dropped, and a longer list.
func CheckDropoutBackwardFurther(f func(dy []float64, kept []bool, p float64) []float64) error {
	return check("DropoutBackward", f, dropoutBackwardCaseOf,
		dropoutBackward{[]float64{1, -2}, []bool{true, true}, 0},
		dropoutBackward{[]float64{4, 5}, []bool{false, false}, 0.75},
		dropoutBackward{[]float64{1, 2, 3, 4, 5, 6, -7}, []bool{false, true, false, true, true, true, true}, 0.2})
}

// dropoutBackwardOf gives a value that was kept a factor, and one that was dropped another.
func dropoutBackwardOf(k dropoutBackward, kept, dropped float64) []float64 {
	dx := make([]float64, len(k.dy))
	for i, v := range k.dy {
		dx[i] = v * dropped
		if k.kept[i] {
			dx[i] = v * kept
		}
	}
	return dx
}

// dropoutBackwardCaseOf is a call, with the right result and those of typical mistakes.
func dropoutBackwardCaseOf(k dropoutBackward) lessons.Case {
	scale := 1 / (1 - k.p)
	want := dropoutBackwardOf(k, scale, 0)
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "gives {length} values, expected %d: dropped values stay in their places, with a derivative of 0", len(want)).Alone(),
		lessons.Gives(k.dy, "nothing is done with dy; values that were dropped had no influence on the loss, and the others were scaled up"),
		lessons.Gives(dropoutBackwardOf(k, 1, 0), "the factor is missing: the values that were kept were divided by 1 − p, so their derivatives are divided by it, too"),
		lessons.Gives(dropoutBackwardOf(k, scale, scale), "the mask is missing: a value that was dropped had no influence on the loss, so its derivative is 0"),
		lessons.Gives(dropoutBackwardOf(k, 0, scale), "the mask is the wrong way round: kept[i] is true where the value was kept"),
		lessons.Gives(dropoutBackwardOf(k, 1-k.p, 0), "this multiplies by 1 − p; the forward pass divides by it, and the backward pass has the same factor"),
		lessons.Gives(dropoutBackwardOf(k, 1/max(k.p, 1e-9), 0), "this divides by p; the forward pass divides by 1 − p"),
		lessons.Otherwise("dx[i] is dy[i] / (1 − p) where kept[i] is true, otherwise 0"),
	}
	return lessons.One(want, causes, k.dy, k.kept, k.p)
}
