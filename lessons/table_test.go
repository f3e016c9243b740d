package lessons

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

type pairOf struct {
	Name   string
	Values []float64
}

// Values whose bits a careless encoding loses.
var hardNumbers = []float64{0, math.Copysign(0, -1), 0.1, 1.0 / 3, math.Pi, -1e-300, 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1), 1 << 53}

func TestEveryValueComesBackFromATableAsItWas(t *testing.T) {
	for _, value := range []any{
		hardNumbers, []float32{0.1, float32(math.Inf(-1))}, []float64(nil), []float64{}, [][]float64{{1}, nil, {}},
		[]byte{0, 255}, []int{math.MinInt, math.MaxInt}, uint64(math.MaxUint64), "a \"quote\" {\"text\": ∞\n", true,
		[2]int{3, 4}, pairOf{"a", []float64{0.5, math.NaN()}}, []pairOf{{}, {"b", nil}},
	} {
		f := reflect.FuncOf([]reflect.Type{reflect.TypeOf(value)}, []reflect.Type{reflect.TypeOf(value)}, false)
		table := Table{"F", []Case{{
			Arguments: []any{value}, Shown: "so", Panics: "no",
			Results: []Result{{Want: value, Nil: true, Verb: "has", Words: "w", Within: 0.25, Rows: "rows", Causes: []Cause{
				{Text: "a", Result: value}, {Text: "b", When: Outside, Numbers: []float64{0, 1.5}, Whole: true}, {Text: "c"},
			}}},
		}}}
		data, err := EncodeTable(table)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeTable(data, f)
		if err != nil {
			t.Errorf("%v: %v\n%s", value, err, data)
			continue
		}
		if !sameBits(reflect.ValueOf(got), reflect.ValueOf(table)) {
			t.Errorf("%#v became %#v\n%s", table, got, data)
		}
	}
}

// sameBits is reflect.DeepEqual, but compares numbers bit by bit.
func sameBits(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Interface:
		return sameBits(a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if !sameBits(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() || a.Kind() == reflect.Slice && a.IsNil() != b.IsNil() {
			return false
		}
		for i := range a.Len() {
			if !sameBits(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	default:
		return !a.IsValid() || a.Interface() == b.Interface()
	}
}

func TestWhatATableCannotHoldIsAnError(t *testing.T) {
	for _, value := range []any{nil, make(chan int), map[string]int{}, func() {}} {
		if data, err := EncodeTable(Table{"F", []Case{One(value, nil)}}); err == nil {
			t.Errorf("%T became %s", value, data)
		}
	}
	whole := func([]int) int { return 0 }
	for _, data := range []string{
		``, `{"cases":[{"arguments":[],"results":[{"expected":1}]}]}`, `{"cases":[{"arguments":[[1]],"results":[]}]}`,
		`{"cases":[{"arguments":["x"],"results":[{"expected":1}]}]}`, `{"cases":[{"arguments":[[1.5]],"results":[{"expected":1}]}]}`,
		`{"cases":[{"arguments":[[1]],"results":[{"expected":null}]}]}`, `{"cases":[{"arguments":[[1]],"results":[{}]}]}`,
	} {
		if table, err := DecodeTable([]byte(data), reflect.TypeOf(whole)); err == nil {
			t.Errorf("%s became %v", data, table)
		}
	}
}

// rowsOf is a function that returns some rows, whatever it is given.
func rowsOf(rows ...[]float64) func(int) [][]float64 {
	return func(int) [][]float64 { return rows }
}

func TestACauseFitsWhereItsPropertyDoes(t *testing.T) {
	shared := []float64{1, 2}
	want := [][]float64{{1, 2}, {3, 4}}
	for _, c := range []struct {
		cause Cause
		fits  func(int) [][]float64
		not   func(int) [][]float64
	}{
		{If(WrongLength, "{length} rows"), rowsOf([]float64{1, 2}), rowsOf([]float64{1, 2}, []float64{3})},
		{If(WrongRowLength, "row {row} has {rowLength}"), rowsOf([]float64{1, 2}, []float64{3}), rowsOf([]float64{1, 2}, []float64{3, 5})},
		{If(HasNaN, ""), rowsOf([]float64{1, math.NaN()}), rowsOf([]float64{1, math.Inf(1)})},
		{If(NotFinite, ""), rowsOf([]float64{1, math.Inf(-1)}), rowsOf([]float64{1, 9})},
		{If(Overflown, ""), rowsOf([]float64{1, math.Inf(1)}), rowsOf([]float64{1, math.Inf(-1)})},
		{If(Finite, ""), rowsOf([]float64{1, 9}), rowsOf([]float64{1, math.NaN()})},
		{If(Outside, "").With(0, 5), rowsOf([]float64{-1, 2}), rowsOf([]float64{0, 5})},
		{If(WrongSum, "{sum}").With(10), rowsOf([]float64{1, 2}), rowsOf([]float64{1, 2}, []float64{2, 5})},
		{If(About, "").With(0.1), rowsOf([]float64{1.05, 2}, []float64{3, 4}), rowsOf([]float64{1.2, 2}, []float64{3, 4})},
		{If(Reordered, ""), rowsOf([]float64{3, 4}, []float64{1, 2}), rowsOf([]float64{3, 4}, []float64{1, 1})},
		{If(SharedRows, ""), rowsOf(shared, shared), rowsOf(shared, []float64{1, 2})},
		{If(WrongSize, ""), rowsOf([]float64{1}, []float64{3}), rowsOf([]float64{1, 2}, []float64{3, 5})},
		{If(Square, ""), rowsOf([]float64{1}), rowsOf([]float64{1, 2})},
		{If(Sized, "").With(1, 3), rowsOf([]float64{1, 2, 3}), rowsOf([]float64{1, 2})},
		{Gives([][]float64{{math.NaN()}}, ""), rowsOf([]float64{math.NaN()}), rowsOf([]float64{1})},
		{Rows("row {row}: {cause}", [][]Cause{nil, {Otherwise("second")}}), rowsOf([]float64{1, 2}, []float64{0, 0}), nil},
	} {
		c.cause.Text = "found " + c.cause.Text
		table := Table{"F", []Case{One(want, []Cause{c.cause, Otherwise("else")}, 1)}}
		err := table.Check(c.fits)
		expectMessage(t, err, "found ")
		if strings.Contains(err.Error(), "{") {
			t.Errorf("%q: the message is\n\t%v", c.cause.When, err)
		}
		if c.not != nil {
			expectMessage(t, table.Check(c.not), ": else")
		}
	}
}

func TestATableCanBeUsedAgainAfterACallChangedItsArgument(t *testing.T) {
	table := Table{"F", []Case{One(1.0, nil, []float64{1, 2})}}
	err := table.Check(func(values []float64) float64 { values[0] = 7; return 1 })
	expectMessage(t, err, "F([1 2]) changes its argument")
	expectPass(t, table.Check(func(values []float64) float64 { return values[0] }))
}

func TestAMessageSaysWhichResultIsWrong(t *testing.T) {
	two := func(int) (int, []float64) { return 3, []float64{1} }
	results := func(first int, second []float64, causes ...Cause) Table {
		return Table{"F", []Case{{Arguments: []any{1}, Results: []Result{
			{Verb: "has {got} weights", Want: first}, {Verb: "has the mean", Want: second, Causes: causes},
		}}}}
	}
	for _, c := range []struct {
		table Table
		want  string
	}{
		{results(4, []float64{1}), "F(1) has 3 weights, expected 4"},
		{results(3, []float64{2}), "F(1) has the mean [1], expected [2]"},
		{results(3, []float64{2}, Otherwise("because")), "F(1) has the mean [1], expected [2]: because"},
		{results(3, []float64{2, 3}, If(WrongLength, "gives {length} of %d", 2).Alone()), "F(1) gives 1 of 2"},
	} {
		if err := c.table.Check(two); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	expectPass(t, results(3, []float64{1}).Check(two))
}

// float32 numbers give a result that is nearly right, and sums that look right.
func TestAResultOfSinglePrecisionIsRecognised(t *testing.T) {
	third := float64(float32(1) / 3)
	thirds := func(int) []float64 { return []float64{third, third, 1 - 2*third} }
	one := func(int) float64 { return third }
	for _, c := range []struct {
		want   any
		f      any
		causes []Cause
		says   string
	}{
		{[]float64{1. / 3, 1. / 3, 1. / 3}, thirds, []Cause{If(WrongSum, "sum").With(1), Otherwise("else")}, "was a float32"},
		{1. / 3, one, []Cause{Otherwise("else")}, "was a float32"},
		{1. / 3, one, []Cause{Gives(third, "this mistake")}, "this mistake"},
		{1. / 3, one, []Cause{If(About, "nearly").With(0.1)}, "nearly"},
		{1. / 3, func(int) float64 { return third + 1e-4 }, []Cause{Otherwise("else")}, "else"},
	} {
		expectMessage(t, Table{"F", []Case{One(c.want, c.causes, 1)}}.Check(c.f), c.says)
	}
}

func TestASumThatIsWrongLooksWrong(t *testing.T) {
	sum := func(int) []float64 { return []float64{0.5, 0.50001} }
	table := Table{"F", []Case{One([]float64{0.4, 0.6}, []Cause{If(WrongSum, "they sum to {sum}, and not to 1").With(1)}, 1)}}
	expectMessage(t, table.Check(sum), "they sum to 1.00001, and not to 1")
}

func TestACauseIsOnlyProbableWhereTwoMistakesGiveTheSame(t *testing.T) {
	f := func(int) int { return 7 }
	for _, c := range []struct {
		causes []Cause
		says   string
	}{
		{[]Cause{Gives(7, "the one"), Gives(8, "the other")}, ": the one"},
		{[]Cause{Gives(7, "the one"), Gives(8, "another"), Gives(7, "the other"), Otherwise("else")}, ": probably the one"},
		{[]Cause{Gives(7, "the one"), Gives(7, "the one"), Otherwise("else")}, ": the one"},
	} {
		expectMessage(t, Table{"F", []Case{One(1, c.causes, 1)}}.Check(f), c.says)
	}
}
