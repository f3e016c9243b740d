package answers

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// expectMessage fails the test unless err's message contains every part.
func expectMessage(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error is\n\t%v\nand does not say %q", err, part)
		}
	}
}

// expectPass fails the test if err is not nil.
func expectPass(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("the right answer is refused: %v", err)
	}
}

// A wrongCase is a typical wrong answer to an exercise, and a part of what
// the check must say about it.
type wrongCase[F any] struct {
	name    string
	answer  F
	message string
}

// testCheck tests a check: the right answer passes, with the visible and with
// the hidden part, and each wrong answer is refused with the message that is
// meant for it and for no other, by the visible part or, if that lets it pass,
// by the hidden one. Four wrong answers are the least.
func testCheck[F any](t *testing.T, right F, visible, hidden func(F) error, wrong []wrongCase[F]) {
	t.Helper()
	expectPass(t, visible(right))
	expectPass(t, hidden(right))
	if len(wrong) < 4 {
		t.Errorf("%d wrong answers, expected at least 4", len(wrong))
	}
	messages := map[string]string{}
	expectOrdinary(t, "the right answer", visible, right)
	for _, w := range wrong {
		expectOrdinary(t, w.name, visible, w.answer)
		err := visible(w.answer)
		if err == nil {
			err = hidden(w.answer)
		}
		switch {
		case err == nil:
			t.Errorf("%s: passes", w.name)
			continue
		case !strings.Contains(err.Error(), w.message):
			t.Errorf("%s: the message is\n\t%v\nand does not say %q", w.name, err, w.message)
		case messages[err.Error()] != "":
			t.Errorf("%s: the same message as %s:\n\t%v", w.name, messages[err.Error()], err)
		}
		messages[err.Error()] = w.name
		for _, other := range wrong {
			if other.message != w.message && strings.Contains(err.Error(), other.message) {
				t.Errorf("%s: the message is\n\t%v\nwhich is that of %s, too", w.name, err, other.name)
			}
		}
	}
}

// near says whether two numbers are equal up to a tolerance.
func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

// nearAll says whether two slices are equal up to a tolerance.
func nearAll(got, want []float64, tolerance float64) bool {
	return slices.EqualFunc(got, want, func(a, b float64) bool { return near(a, b, tolerance) })
}

// stubPanic is what a function panics with before the student has written anything.
const stubPanic = "not implemented"

// A wrongAnswer is a typical wrong function for an exercise and a part of the
// message that recognises it.
type wrongAnswer[F any] struct {
	name string
	f    F
	says string
}

// testChecks expects that the right answer passes every check, that each wrong
// one fails one of them with its own message, and that no message fits another
// wrong answer.
func testChecks[F any](t *testing.T, checks []func(F) error, right F, wrong ...wrongAnswer[F]) {
	t.Helper()
	for _, check := range checks {
		expectPass(t, check(right))
	}
	if len(wrong) < 4 {
		t.Errorf("%d wrong answers, want at least 4", len(wrong))
	}
	expectOrdinary(t, "the right answer", checks[0], right)
	for _, w := range wrong {
		expectOrdinary(t, w.name, checks[0], w.f)
		var errs []error
		for _, check := range checks {
			errs = append(errs, check(w.f))
		}
		err := firstError(errs...)
		if err == nil {
			t.Errorf("the wrong answer %q passes", w.name)
			continue
		}
		if !strings.Contains(err.Error(), w.says) {
			t.Errorf("%s: the error is\n\t%v\nand does not say %q", w.name, err, w.says)
		}
		for _, other := range wrong {
			if other.name != w.name && strings.Contains(err.Error(), other.says) {
				t.Errorf("%s: the error is\n\t%v\nwhich also says %q, as for %s", w.name, err, other.says, other.name)
			}
		}
	}
}

// alikeRows says whether two matrices are equal but for rounding.
func alikeRows(a, b [][]float64) bool {
	return slices.EqualFunc(a, b, func(a, b []float64) bool { return nearAll(a, b, 1e-9) })
}
