package lessons

import (
	"embed"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A Table is a check as data: the calls that it makes, the right results, and
// the results of typical mistakes. Package answers, which students do not get,
// computes tables from right and wrong answers.
type Table struct {
	Function string // the name of the student's function
	Cases    []Case
}

// A Case is one call of a student's function.
type Case struct {
	Arguments []any
	Shown     string // the arguments in messages, where their values do not help
	Panics    string // what is said in place of the usual message if the call panics; {panic} stands for that one
	Results   []Result
}

// A Result is what a call must return, one for each of the function's results.
type Result struct {
	Verb   string // "is" if empty; "has the mean" or "has {got} weights" say which of several results it is
	Want   any
	Nil    bool    // only nil will do, and not an empty slice
	Words  string  // what messages show of Want, if not its value
	Within float64 // the tolerance, if not the usual one
	Rows   string  // if not empty, messages show only the first element that is wrong, of the rows of this name
	Causes []Cause // of a wrong result; the first that fits is said
}

// A Cause is a typical mistake: the result that it gives, or a property that its
// result has, and what to do about it. One without either fits any wrong result.
//
// In the text {length} stands for the length of the result, {sum} for the sum
// of its numbers (of a cause with WrongSum), {row} and {rowLength} for the first row that is too short
// or too long, or otherwise wrong, and {cause} for the cause of that.
type Cause struct {
	Text    string
	Result  any
	When    Property
	Numbers []float64 // of the property
	Rows    [][]Cause // the causes of each row of a result that has rows
	Whole   bool      // the text stands for the whole message, without the two results
}

// A Property is what can be wrong with a result, whatever the right one is.
type Property string

// The properties.
const (
	WrongLength    Property = "length"     // it is not as long as the right one
	WrongRowLength Property = "row length" // a row of it is not as long as that of the right one
	HasNaN         Property = "NaN"        // a number in it is not a number
	NotFinite      Property = "not finite" // a number in it is NaN or infinite
	Finite         Property = "finite"     // no number in it is NaN or infinite
	Overflown      Property = "overflown"  // a number in it is NaN or +Inf
	Outside        Property = "outside"    // a number in it is less than the first or more than the second of Numbers
	WrongSum       Property = "sum"        // its numbers do not sum to the first of Numbers
	About          Property = "about"      // it is right up to a tolerance, relative, the first of Numbers
	Reordered      Property = "reordered"  // it holds the right elements in another order
	SharedRows     Property = "shared"     // its first two rows are the same memory
	WrongSize      Property = "size"       // a matrix has not as many rows or columns as the right one
	Square         Property = "square"     // a matrix has as many rows as columns
	Sized          Property = "sized"      // a matrix has the rows and columns in Numbers
)

// Otherwise is the cause that fits any wrong result.
func Otherwise(format string, values ...any) Cause {
	return Cause{Text: fmt.Sprintf(format, values...)}
}

// Gives is the cause of a mistake that gives a result.
func Gives(result any, format string, values ...any) Cause {
	return Cause{Text: fmt.Sprintf(format, values...), Result: result}
}

// If is the cause of a result that has a property.
func If(property Property, format string, values ...any) Cause {
	return Cause{Text: fmt.Sprintf(format, values...), When: property}
}

// Rows is the cause of a result in which a row is wrong by itself.
func Rows(format string, causes [][]Cause) Cause {
	return Cause{Text: format, Rows: causes}
}

// Alone returns the cause with its text as the whole message.
func (c Cause) Alone() Cause {
	c.Whole = true
	return c
}

// With returns the cause with the numbers of its property.
func (c Cause) With(numbers ...float64) Cause {
	c.Numbers = numbers
	return c
}

// One is the case of a function with one result.
func One(want any, causes []Cause, arguments ...any) Case {
	return Case{Arguments: arguments, Results: []Result{{Want: want, Causes: causes}}}
}

// Show writes a value as messages show it.
func Show(value any) string { return show(value) }

//go:embed tables
var tables embed.FS

// checkTable checks a function with the table of that name.
func checkTable(name string, f any) error {
	data, err := tables.ReadFile("tables/" + name + ".json")
	if err != nil {
		return fmt.Errorf("this check has no table: %w", err)
	}
	table, err := DecodeTable(data, reflect.TypeOf(f))
	if err != nil {
		return fmt.Errorf("lessons/tables/%s.json: %w", name, err)
	}
	cases := "cases"
	if len(table.Cases) == 1 {
		cases = "case"
	}
	return passed.note(table.Check(f), "%s: %d %s right", table.Function, len(table.Cases), cases)
}

// Check calls the function with each case, and returns what is wrong with the
// first result that is.
func (t Table) Check(f any) error {
	for _, c := range t.Cases {
		if err := c.check(t.Function, reflect.ValueOf(f)); err != nil {
			return err
		}
	}
	return nil
}

func (c Case) check(name string, f reflect.Value) error {
	shown, in := make([]any, len(c.Arguments)), make([]reflect.Value, len(c.Arguments))
	for i, argument := range c.Arguments {
		if function, ok := argument.(Function); ok {
			shown[i], in[i] = named(function.Name), reflect.ValueOf(function.F)
			continue
		}
		// The call may change its argument, and a case is used again.
		shown[i] = clone(argument)
		in[i] = reflect.ValueOf(shown[i])
	}
	call := callOf(name, shown...)
	if c.Shown != "" {
		call = call.showing("%s", c.Shown)
	}
	var out []reflect.Value
	if err := call.run(func() { out = f.Call(in) }); err != nil {
		if before, _, panics := strings.Cut(err.Error(), " panics: "); panics && c.Panics != "" {
			return fmt.Errorf("%s %s", before, strings.ReplaceAll(c.Panics, "{panic}", err.Error()))
		}
		return err
	}
	for i, r := range c.Results {
		if err := r.check(call, out[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r Result) check(call call, got reflect.Value) error {
	want, within := reflect.ValueOf(r.Want), tolerance
	if r.Within != 0 {
		within = r.Within
	}
	if r.Nil && got.IsNil() || !r.Nil && agree(got, want, within) {
		return nil
	}
	cause, whole := firstCause(r.Causes, got, want, within)
	if whole {
		return call.failf("%s", cause)
	}
	verb := r.Verb
	if verb == "" {
		verb = "is"
	}
	if r.Rows != "" {
		row, column := firstRowDifference(got.Interface().([][]float64), want.Interface().([][]float64))
		got, want = got.Index(row).Index(column), want.Index(row).Index(column)
		verb = fmt.Sprintf("%s the %s[%d][%d]", verb, r.Rows, row, column)
	}
	gotText, wantText := showPair(got.Interface(), want.Interface())
	if r.Words != "" {
		wantText = r.Words
	}
	if !strings.Contains(verb, "{got}") {
		verb += " {got}"
	}
	return unexpected{fmt.Sprintf("%v %s, expected %s", call, strings.Replace(verb, "{got}", gotText, 1), wantText), cause}
}

// firstRowDifference returns the first row and column at which two matrices of the
// same shape differ.
func firstRowDifference(got, want [][]float64) (row, column int) {
	for i := range want {
		if c := firstDifference(got[i], want[i], tolerance); c >= 0 && c < len(got[i]) && c < len(want[i]) {
			return i, c
		}
	}
	return 0, 0
}

// singlePrecision is how far a result is off, at most, that was computed in float32.
const singlePrecision = 1e-6

// firstCause is the text of the first cause that fits, and whether it is the
// whole message. A result that several mistakes give has a cause that is only probable.
func firstCause(causes []Cause, got, want reflect.Value, within float64) (text string, whole bool) {
	i := slices.IndexFunc(causes, func(c Cause) bool { return c.fits(got, want, within) })
	if i < 0 {
		return "", false
	}
	cause := causes[i]
	text = cause.text(got, want, within)
	switch {
	case cause.Result != nil:
		if slices.ContainsFunc(causes[i+1:], func(c Cause) bool { return c.Result != nil && c.Text != cause.Text && c.fits(got, want, within) }) {
			text = "probably " + text
		}
	case cause.When != About && within < singlePrecision && len(numbers(want)) > 0 && agree(got, want, singlePrecision):
		return "probably a number was a float32 on the way, which keeps seven digits; compute with float64 throughout", false
	}
	return text, cause.Whole
}

// agree says whether two values are equal, their floating-point numbers up to
// the tolerance.
func agree(a, b reflect.Value, within float64) bool {
	return agreeOn(a, b, func(a, b float64) bool { return near(a, b, within) })
}

// agreeOn says whether two values are equal, their floating-point numbers by
// the rule that is given. An empty slice equals nil.
func agreeOn(a, b reflect.Value, same func(a, b float64) bool) bool {
	switch a.Kind() {
	case reflect.Float64, reflect.Float32:
		return same(a.Float(), b.Float())
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !agreeOn(a.Index(i), b.Index(i), same) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
}

// size is how many rows and columns a matrix has, or the first of several matrices.
func size(v reflect.Value) (rows, columns int) {
	if v.Len() == 0 {
		return 0, 0
	}
	if first := v.Index(0); first.Type().Elem().Kind() == reflect.Slice {
		return size(first)
	}
	return v.Len(), v.Index(0).Len()
}

// fits says whether a wrong result is that of the mistake.
func (c Cause) fits(got, want reflect.Value, within float64) bool {
	if c.Result != nil {
		return agreeOn(got, reflect.ValueOf(c.Result), func(a, b float64) bool { return near(a, b, within) || math.IsNaN(a) && math.IsNaN(b) })
	}
	notFinite := func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
	switch c.When {
	case "":
		return true
	case WrongLength:
		return got.Len() != want.Len()
	case WrongRowLength:
		return wrongRow(got, want, func(a, b reflect.Value) bool { return a.Len() == b.Len() }) >= 0
	case HasNaN:
		return slices.ContainsFunc(numbers(got), math.IsNaN)
	case NotFinite:
		return slices.ContainsFunc(numbers(got), notFinite)
	case Finite:
		return !slices.ContainsFunc(numbers(got), notFinite)
	case Overflown:
		return slices.ContainsFunc(numbers(got), func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 1) })
	case Outside:
		return slices.ContainsFunc(numbers(got), func(x float64) bool { return x < c.Numbers[0] || x > c.Numbers[1] })
	case WrongSum:
		return !near(total(numbers(got)), c.Numbers[0], within)
	case About:
		return agreeAbout(numbers(got), numbers(want), c.Numbers[0])
	case Reordered:
		a, b := slices.Sorted(slices.Values(numbers(got))), slices.Sorted(slices.Values(numbers(want)))
		return !slices.Equal(numbers(got), numbers(want)) && slices.Equal(a, b)
	case WrongSize, Square, Sized:
		rows, columns := size(got)
		wantRows, wantColumns := size(want)
		switch c.When {
		case Square:
			wantRows, wantColumns = rows, rows
		case Sized:
			wantRows, wantColumns = int(c.Numbers[0]), int(c.Numbers[1])
		}
		return (rows == wantRows && columns == wantColumns) == (c.When != WrongSize)
	case SharedRows:
		return got.Len() > 1 && got.Index(0).Len() > 0 && got.Index(0).Pointer() == got.Index(1).Pointer()
	default:
		return false
	}
}

// text is the cause's text for a result.
func (c Cause) text(got, want reflect.Value, within float64) string {
	if !strings.Contains(c.Text, "{") {
		return c.Text
	}
	var words []string
	if strings.Contains(c.Text, "{sum}") {
		sum, _ := showPair(total(numbers(got)), c.Numbers[0])
		words = append(words, "{sum}", sum)
	}
	if got.Kind() == reflect.Slice {
		words = append(words, "{length}", fmt.Sprint(got.Len()))
		if i := wrongRow(got, want, func(a, b reflect.Value) bool { return a.Len() == b.Len() }); i >= 0 {
			words = append(words, "{row}", fmt.Sprint(i), "{rowLength}", fmt.Sprint(got.Index(i).Len()))
		}
		same := func(a, b reflect.Value) bool { return agree(a, b, within) }
		if i := wrongRow(got, want, same); i >= 0 && i < len(c.Rows) {
			cause, _ := firstCause(c.Rows[i], got.Index(i), want.Index(i), within)
			words = append(words, "{row}", fmt.Sprint(i), "{cause}", cause)
		}
	}
	return strings.NewReplacer(words...).Replace(c.Text)
}

// wrongRow is the first row that is not the same as that of want, or -1.
func wrongRow(got, want reflect.Value, same func(got, want reflect.Value) bool) int {
	if got.Kind() != reflect.Slice || got.Type().Elem().Kind() != reflect.Slice {
		return -1
	}
	for i := range min(got.Len(), want.Len()) {
		if !same(got.Index(i), want.Index(i)) {
			return i
		}
	}
	return -1
}

// agreeAbout says whether finite numbers are equal up to a relative tolerance.
func agreeAbout(got, want []float64, within float64) bool {
	return slices.EqualFunc(got, want, func(g, w float64) bool {
		return !math.IsInf(g, 0) && math.Abs(g-w) < within*math.Abs(w)
	})
}

// numbers lists the numbers in a value.
func numbers(v reflect.Value) []float64 {
	switch {
	case v.CanFloat():
		return []float64{v.Float()}
	case v.CanInt():
		return []float64{float64(v.Int())}
	case v.CanUint():
		return []float64{float64(v.Uint())}
	}
	var all []float64
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Array {
		for i := range v.Len() {
			all = append(all, numbers(v.Index(i))...)
		}
	}
	return all
}

// A Function is an argument that is a function. Messages and tables show it by
// its name.
type Function struct {
	Name string
	F    any
}

// Functions are those that tables use. They are what exercises are about, and
// answer none.
var Functions = map[string]any{
	"x ↦ 2x":         func(x float64) float64 { return 2 * x },
	"x[0]³ + 5·x[1]": func(x []float64) float64 { return x[0]*x[0]*x[0] + 5*x[1] },
}
