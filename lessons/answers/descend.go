package answers

import "fashionlab/lessons"

func visibleDescend() []lessons.Case {
	return each(descendCaseOf, descentCase{"2x", lessons.Functions["x ↦ 2x"].(func(float64) float64), 4, 0.25, 3})
}

// CheckDescendFurther checks Descend with other functions and rates, and with
// no step at all.
func CheckDescendFurther(descend func(start float64, slope func(float64) float64, learningRate float64, steps int) []float64) error {
	parabola := func(x float64) float64 { return 2 * (x - 3) }
	return check("Descend", descend, descendCaseOf,
		descentCase{"2(x-3)", parabola, -1, 0.1, 5},
		descentCase{"2(x-3)", parabola, 0, 1.1, 4},
		descentCase{"4x³", func(x float64) float64 { return 4 * x * x * x }, 0.5, 0.5, 6},
		descentCase{"1", func(float64) float64 { return 1 }, 0, 0.01, 2},
		descentCase{"2x", func(x float64) float64 { return 2 * x }, 7, 0.1, 0},
	)
}

type descentCase struct {
	formula string
	slope   func(float64) float64
	start   float64
	rate    float64
	steps   int
}

// descendCaseOf is a call, with the right result and those of typical mistakes.
func descendCaseOf(k descentCase) lessons.Case {
	want := descent(k.start, k.slope, k.rate, k.steps)
	// stepping goes from position to position by a wrong rule.
	stepping := func(next func(x, start float64) float64) []float64 {
		path := []float64{k.start}
		for range k.steps {
			path = append(path, next(path[len(path)-1], k.start))
		}
		return path
	}
	slopes := make([]float64, len(want))
	for i, x := range want {
		slopes[i] = k.slope(x)
	}
	causes := []lessons.Cause{
		lessons.Gives(want[1:], "the start is missing; it is the first position"),
		lessons.Gives(want[len(want)-1:], "this is the last position only; keep all of them"),
		lessons.Gives(want[:max(len(want)-1, 1)], "the last position is missing; there is one more position than there are steps"),
		lessons.Gives(descent(k.start, k.slope, k.rate, k.steps+1), "this is one step too many"),
		lessons.Gives(stepping(func(x, _ float64) float64 { return x + k.rate*k.slope(x) }), "this goes uphill; subtract the slope, since it points to where the function grows"),
		lessons.Gives(stepping(func(x, _ float64) float64 { return x - k.slope(x) }), "the learning rate is missing; multiply the slope by it"),
		lessons.Gives(stepping(func(x, start float64) float64 { return x - k.rate*k.slope(start) }), "the slope is that at the start, in each step; compute it again at the current position"),
		lessons.Gives(stepping(func(_, start float64) float64 { return start - k.rate*k.slope(start) }), "each step begins at the start again; go on from the last position"),
		lessons.Gives(stepping(func(x, _ float64) float64 { return x - k.rate*x }), "the position was taken for the slope; call `slope(x)`"),
		lessons.Gives(slopes, "these are the slopes on the way; the positions are asked for"),
		lessons.Otherwise("begin with start; each next position is the last one minus `learningRate` times the slope there"),
	}
	return lessons.One(want, causes, k.start, lessons.Function{Name: "x ↦ " + k.formula, F: k.slope}, k.rate, k.steps)
}

// descent is the reference.
func descent(start float64, slope func(float64) float64, rate float64, steps int) []float64 {
	path := []float64{start}
	x := start
	for range steps {
		x -= rate * slope(x)
		path = append(path, x)
	}
	return path
}
