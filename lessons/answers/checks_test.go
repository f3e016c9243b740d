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
	for _, w := range wrong {
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
