package lessons

import "math"

// CheckArgmax checks Argmax(values): the position of the largest value, and of
// equal ones the first.
func CheckArgmax(argmax func(values []float64) int) error {
	return checkArgmax(argmax,
		[]float64{1.3, 5.1, 2.2, 0.7, 1.1},
		[]float64{0.25, 0.5, 0.125},
		[]float64{-3, -1.5, -2},
	)
}

// CheckArgmaxFurther checks Argmax with the largest value at either end, with
// equal values, with one value and with infinity.
func CheckArgmaxFurther(argmax func(values []float64) int) error {
	return checkArgmax(argmax,
		[]float64{1, 2, 3},
		[]float64{9, 2, 3, 4},
		[]float64{2, 7, 7, 1},
		[]float64{-5, -5},
		[]float64{-1000, -2000, -999.5},
		[]float64{4},
		[]float64{math.Inf(-1), -1e300},
		[]float64{0, math.MaxFloat64, 1},
	)
}

func checkArgmax(argmax func(values []float64) int, cases ...[]float64) error {
	for _, values := range cases {
		call := callOf("Argmax", values)
		var got int
		if err := call.run(func() { got = argmax(values) }); err != nil {
			return err
		}
		want := largest(values)
		if got == want {
			continue
		}
		if got < 0 || got >= len(values) {
			if float64(got) == math.Trunc(values[want]) {
				return call.wrong(got, want, "that is the largest value; the result is its position, counted from 0")
			}
			return call.wrong(got, want, "there is no such position; they are counted from 0")
		}
		aboveZero, last, smallest, exceptLast, exceptFirst := 0, 0, 0, 0, min(1, len(values)-1)
		best := 0.0
		for i, v := range values {
			if v > best {
				best, aboveZero = v, i
			}
			if v >= values[last] {
				last = i
			}
			if v < values[smallest] {
				smallest = i
			}
			if v > values[exceptLast] && i < len(values)-1 {
				exceptLast = i
			}
			if i > 0 && v > values[exceptFirst] {
				exceptFirst = i
			}
		}
		cause := "go through all values and keep the position of the largest one so far"
		switch {
		case values[got] == values[want] && got == last:
			cause = "of equal values the first counts; compare with > in place of >="
		case values[want] < 0 && got == aboveZero:
			cause = "all values are negative, and none is above 0; begin with the first value in place of 0"
		case got == smallest && len(values) > 2:
			cause = "that is the position of the smallest value; find that of the largest"
		case got == exceptLast && want == len(values)-1:
			cause = "the last value is not looked at; let the loop run to its end"
		case got == exceptFirst && want == 0:
			cause = "the first value is not looked at; begin at position 0"
		case got == int(values[want]):
			cause = "that is the largest value; the result is its position, counted from 0"
		case got == want+1:
			cause = "one too many; Go counts positions from 0"
		}
		return call.wrong(got, want, "%s", cause)
	}
	return nil
}

// largest is the reference: the first position of the largest value.
func largest(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
