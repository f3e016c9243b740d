package lessons

import "slices"

// A slip is a typical wrong way to an answer: the answer that it leads to, and
// what to tell whoever gives it.
type slip[T any] struct {
	answer T
	cause  string
}

// causeOf returns the cause of the first slip that leads to the answer that
// came back, or otherwise where none does.
func causeOf[T any](got T, same func(got, answer T) bool, otherwise string, slips ...slip[T]) string {
	for _, s := range slips {
		if same(got, s.answer) {
			return s.cause
		}
	}
	return otherwise
}

// sameNumber compares whole numbers, for causeOf.
func sameNumber(got, answer int) bool { return got == answer }

// exactly is how far results of a few additions and multiplications in another
// order may differ.
const exactly = 1e-9

// sameFloat, sameValues, sameRows and sameVolume compare for causeOf, up to rounding.
func sameFloat(got, answer float64) bool { return near(got, answer, exactly) }

func sameValues(got, answer []float64) bool { return nearAll(got, answer, exactly) }

func sameRows(got, answer [][]float64) bool { return nearRows(got, answer, exactly) }

func sameVolume(got, answer [][][]float64) bool {
	return slices.EqualFunc(got, answer, func(a, b [][]float64) bool { return nearRows(a, b, exactly) })
}

// firstError returns the first error of several checks.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
