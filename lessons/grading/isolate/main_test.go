package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func isolate(t *testing.T, source string) (output, error) {
	t.Helper()
	in, err := json.Marshal(input{Cells: []cell{{"test", source}}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(bytes.NewReader(in), &out); err != nil {
		return output{}, err
	}
	var made output
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	return made, nil
}

func TestTheCheckerHoldsTheChecksAndTheStudentsProgramTheValues(t *testing.T) {
	made, err := isolate(t, "%%\nlessons.Report(lessons.CheckA(A, 10))\n// BEGIN HIDDEN TESTS\nlessons.Report(answers.CheckAFurther(A), lessons.CheckB(func() int { return b }))\n// END HIDDEN TESTS")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"lessons.Report(c.Check(lessons.CheckA, remote.Arg(0), 10))",
		"lessons.Report(c.Check(answers.CheckAFurther, remote.Arg(1)), c.Check(lessons.CheckB, remote.Arg(2)))",
	} {
		if !strings.Contains(made.Checker, want) {
			t.Errorf("the checker lacks %q:\n%s", want, made.Checker)
		}
	}
	serve := made.Cells["test"].Serve
	if !strings.Contains(serve, `.Serve("SOCKET", A, A, func() int { return b })`) {
		t.Errorf("the student's program is\n%s", serve)
	}
	if strings.Contains(serve, "answers") || strings.Contains(made.Imports, "answers") || made.Cells["test"].Together != "" {
		t.Errorf("the answers are part of the student's program:\n%s%s%s", made.Imports, serve, made.Cells["test"].Together)
	}
	if strings.Contains(serve, "\nlessons.") || !strings.Contains(made.Imports, "import lessons_") {
		t.Errorf("a student can guess the packages' names:\n%s%s", made.Imports, serve)
	}
}

func TestOtherNamesEachTime(t *testing.T) {
	first, _ := isolate(t, "%%\nlessons.Report(lessons.CheckA(A))")
	second, _ := isolate(t, "%%\nlessons.Report(lessons.CheckA(A))")
	if first.Imports == second.Imports {
		t.Error(first.Imports)
	}
}

func TestWhatIsNoGradedCellIsRefused(t *testing.T) {
	for source, want := range map[string]string{
		"func A() {}\n%%\nlessons.Report(lessons.CheckA(A))": "must begin with a line %%",
		"%%\nfmt.Println(1)":                    "nothing but calls",
		"%%\nlessons.Report(nil)":               "nothing but calls",
		"%%\nanswers.Report(answers.CheckA(A))": "nothing but calls",
		"%%\nlessons.Report(err())":             "nothing but calls",
		"%%\n":                                  "checks nothing",
		"%%\nlessons.Report(":                   "expected",
	} {
		if _, err := isolate(t, source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", source, err, want)
		}
	}
}
