package answers

import (
	"bytes"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"fashionlab/lessons"
)

// What a student with the tables can write: a function that looks its arguments up in one, and
// gives the result of one of its cases for others.
func TestAFunctionThatLooksUpItsTableIsNotRight(t *testing.T) {
	for name, made := range visible {
		table := lessons.Table{Function: name, Cases: made()}
		keys := make([]string, len(table.Cases))
		for i, c := range table.Cases {
			keys[i] = keyOf(t, c.Arguments)
		}
		for fallback := range table.Cases {
			answer := reflect.Zero(reflect.TypeOf(further["Check"+name+"Further"]).In(0)).Interface()
			f := reflect.MakeFunc(reflect.TypeOf(asData(answer)), func(arguments []reflect.Value) []reflect.Value {
				values := make([]any, len(arguments))
				for i, a := range arguments {
					values[i] = a.Interface()
				}
				i := slices.Index(keys, keyOf(t, values))
				if i < 0 {
					i = fallback
				}
				var out []reflect.Value
				for _, r := range table.Cases[i].Results {
					out = append(out, reflect.ValueOf(r.Want))
				}
				return out
			}).Interface()
			if err := table.Check(f); err != nil {
				t.Errorf("%s: the results in the table are refused: %v", name, err)
			}
			if checkOrdinary(name, f) == nil {
				t.Errorf("%s: a function that looks its arguments up, and takes the result of case %d for others, is right", name, fallback)
			}
		}
	}
}

// keyOf tells calls with different arguments apart; functions are all the same.
func keyOf(t *testing.T, arguments []any) string {
	t.Helper()
	var plain []any
	for _, a := range arguments {
		if _, ok := a.(lessons.Function); ok || reflect.TypeOf(a).Kind() == reflect.Func {
			a = "function"
		}
		plain = append(plain, a)
	}
	text, err := lessons.EncodeTable(lessons.Table{Cases: []lessons.Case{{Arguments: plain}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}

// checkName is a check's name without "Check".
func checkName(check any) string {
	name := runtime.FuncForPC(reflect.ValueOf(check).Pointer()).Name()
	return name[strings.LastIndex(name, ".Check")+len(".Check"):]
}

// expectOrdinary expects that grading says of an answer what the student saw: what passes the table
// passes the further cases of the visible check.
func expectOrdinary[F any](t *testing.T, name string, check func(F) error, answer F) {
	t.Helper()
	if check(answer) != nil {
		return
	}
	if err := Graded(checkName(check), check)(answer); err != nil {
		t.Errorf("%s: passes the visible check, and when it is graded: %v", name, err)
	}
}
