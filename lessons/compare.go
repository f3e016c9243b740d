package lessons

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"fashionlab/lessons/remote"
)

// stubPanic is what the body of a function panics with in a notebook as it is
// released, before the student has written anything.
const stubPanic = "not implemented"

// timeLimit is how long one call of a student's function may take. The calls
// of the checks take milliseconds.
var timeLimit = 10 * time.Second

// A call is one call of a student's function: its name and its arguments. It
// runs the call safely and formats the start of error messages.
type call struct {
	name      string
	arguments []any
	shown     string // the arguments in messages; if empty, their values
}

// callOf describes a call of the function with the given name. The arguments
// are those that run passes to it; they are shown in messages, and must be the
// same after the call.
func callOf(name string, arguments ...any) call {
	return call{name: name, arguments: arguments}
}

// showing returns the call with other words for its arguments in messages, where
// their values do not help a reader.
func (c call) showing(format string, values ...any) call {
	c.shown = fmt.Sprintf(format, values...)
	return c
}

// String shows the call as Go writes it, long arguments shortened.
func (c call) String() string {
	if c.shown != "" {
		return c.name + "(" + c.shown + ")"
	}
	texts := make([]string, len(c.arguments))
	for i, argument := range c.arguments {
		texts[i] = show(argument)
	}
	return c.name + "(" + strings.Join(texts, ", ") + ")"
}

// run calls f, which calls the student's function and keeps its results. The
// error says that the function is not written yet, that it panicked, that it did
// not return, or that it changed an argument. After an error the results mean
// nothing, and must not be read: a function that has not returned may still
// write to them.
func (c call) run(f func()) error {
	before := make([]any, len(c.arguments))
	for i, argument := range c.arguments {
		before[i] = clone(argument)
	}
	// The message of a panic shows the arguments as they were before the call.
	given := call{c.name, before, c.shown}

	outcome := make(chan error, 1)
	go func() {
		returned := false
		defer func() {
			value := recover()
			refusal, refused := value.(remote.Refusal)
			message, function := remote.Panicked(value)
			switch {
			case refused:
				outcome <- given.failf("cannot be checked: %s", refusal)
			case returned:
				outcome <- nil
			case message == stubPanic:
				outcome <- notWritten{cmp.Or(function, c.name)}
			case value == nil:
				outcome <- given.failf("ends its goroutine and never returns")
			default:
				message = strings.TrimPrefix(message, "runtime error: ")
				outcome <- given.failf("panics: %s%s", message, panicCause(message))
			}
		}()
		f()
		returned = true
	}()

	select {
	case err := <-outcome:
		if err != nil {
			return err
		}
	case <-time.After(timeLimit):
		return given.failf("has not returned after %v: look at its loops, and at what ends them", timeLimit)
	}
	for i, argument := range c.arguments {
		if !reflect.DeepEqual(argument, before[i]) {
			was, is := showPair(before[i], argument)
			return given.failf("changes its argument: %s became %s; make a new slice for the result, and only read from the one that is given",
				was, is)
		}
	}
	return nil
}

// failf returns an error that begins with the call.
func (c call) failf(format string, values ...any) error {
	return fmt.Errorf("%v %s", c, fmt.Sprintf(format, values...))
}

// wrong returns the error of a result that is not the one expected. The cause,
// formatted with values, says what most likely went wrong.
func (c call) wrong(got, want any, cause string, values ...any) error {
	gotText, wantText := showPair(got, want)
	return unexpected{fmt.Sprintf("%v is %s, expected %s", c, gotText, wantText), fmt.Sprintf(cause, values...)}
}

// panicCause explains the runtime's panics that beginners meet most.
func panicCause(message string) string {
	switch {
	case strings.Contains(message, "index out of range"):
		return "; a slice of n elements has the positions 0 to n-1, and one that was only declared has none: make([]float64, n) makes n of them"
	case strings.Contains(message, "slice bounds out of range"):
		return "; s[a:b] needs 0 ≤ a ≤ b ≤ the length of s"
	case strings.Contains(message, "nil map"):
		return "; a map must be made with make before something is put into it"
	case strings.Contains(message, "nil pointer"):
		return "; a variable that should hold something is nil: was an error ignored?"
	case strings.Contains(message, "divide by zero"):
		return "; a whole number was divided by 0"
	default:
		return ""
	}
}

// near says whether two numbers are equal up to the tolerance, which is
// relative for numbers beyond ±1. Infinities are near to themselves, and NaN is
// near to nothing.
func near(got, want, tolerance float64) bool {
	if got == want {
		return true
	}
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want)) && !math.IsInf(want, 0)
}

// nearAll says whether two slices are equally long and near at each place.
func nearAll(got, want []float64, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if !near(got[i], want[i], tolerance) {
			return false
		}
	}
	return true
}

// nearRows is nearAll for slices of slices.
func nearRows(got, want [][]float64, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if !nearAll(got[i], want[i], tolerance) {
			return false
		}
	}
	return true
}

// firstDifference returns the first position at which two slices are not near,
// or -1. A slice that ends early differs where it ends.
func firstDifference(got, want []float64, tolerance float64) int {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !near(got[i], want[i], tolerance) {
			return i
		}
	}
	return -1
}

// total is the sum of the values.
func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// Shown in full are slices of up to shownInFull elements; of longer ones the
// first shownFirst, the last, and how many there are.
const (
	shownInFull = 12
	shownFirst  = 4
)

// show writes a value as messages show it: floating-point numbers with four
// significant digits, slices as [1 2 3], long ones shortened.
func show(value any) string {
	return showDigits(value, 4)
}

// showPair writes two values with as many digits as it takes for different
// values to look different.
func showPair(a, b any) (string, string) {
	for digits := 4; digits < 17; digits++ {
		textA, textB := showDigits(a, digits), showDigits(b, digits)
		if textA != textB {
			return textA, textB
		}
	}
	return showDigits(a, 17), showDigits(b, 17)
}

func showDigits(value any, digits int) string {
	if value == nil {
		return "nil"
	}
	if text, ok := value.(fmt.Stringer); ok {
		return text.String()
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Float64, reflect.Float32:
		return showFloat(v.Float(), digits, v.Type().Bits())
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Func:
		return "…"
	case reflect.Slice, reflect.Array:
		var texts []string
		for i := range v.Len() {
			if v.Len() > shownInFull && i >= shownFirst && i < v.Len()-1 {
				if i == shownFirst {
					texts = append(texts, "…")
				}
				continue
			}
			texts = append(texts, showDigits(v.Index(i).Interface(), digits))
		}
		text := "[" + strings.Join(texts, " ") + "]"
		if v.Len() > shownInFull {
			text += fmt.Sprintf(" (%d values)", v.Len())
		}
		return text
	default:
		return fmt.Sprint(value)
	}
}

// showFloat writes a number with a given number of significant digits, trailing zeros
// left out, and the numbers that people read most without an exponent.
func showFloat(x float64, digits, bits int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Sprint(x)
	}
	if size := math.Abs(x); size >= 1e-4 && size < 1e7 {
		decimals := max(digits-1-int(math.Floor(math.Log10(size))), 0)
		text := strconv.FormatFloat(x, 'f', decimals, bits)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	return strconv.FormatFloat(x, 'g', digits, bits)
}

// clone copies a value with all slices, maps and pointers in it. Functions,
// interfaces and unexported fields are not followed.
func clone(value any) any {
	if value == nil {
		return nil
	}
	return cloneValue(reflect.ValueOf(value)).Interface()
}

func cloneValue(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return out
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		if isPlain(v.Type().Elem().Kind()) {
			reflect.Copy(out, v)
			return out
		}
		for i := range v.Len() {
			out.Index(i).Set(cloneValue(v.Index(i)))
		}
	case reflect.Array:
		for i := range v.Len() {
			out.Index(i).Set(cloneValue(v.Index(i)))
		}
	case reflect.Map:
		if v.IsNil() {
			return out
		}
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for _, key := range v.MapKeys() {
			out.SetMapIndex(key, cloneValue(v.MapIndex(key)))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return out
		}
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(cloneValue(v.Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(cloneValue(v.Field(i)))
			}
		}
	}
	return out
}

// isPlain says whether values of the kind hold no references.
func isPlain(kind reflect.Kind) bool {
	return kind >= reflect.Bool && kind <= reflect.Complex128 || kind == reflect.String
}

// A mistake is the result of a typical wrong answer, and the hint for
// it.
type mistake[T any] struct {
	result T
	cause  string
}

// likelyCause returns the cause of the first mistake whose result is the one
// that came back, or otherwise if there is none.
func likelyCause[T any](got T, same func(a, b T) bool, otherwise string, mistakes ...mistake[T]) string {
	for _, m := range mistakes {
		if same(got, m.result) {
			return m.cause
		}
	}
	return otherwise
}

// Tolerances of results. Summing up in another order changes the last digits
// only; a wrong formula changes more than these.
const tolerance = 1e-9

// alike compares up to the tolerance.
func alike(a, b float64) bool { return near(a, b, tolerance) }

// firstError returns the first error of several checks.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// named is an argument that messages show as it is written here, such as a
// function, whose values cannot be compared.
type named string

// String returns the text.
func (n named) String() string { return string(n) }
