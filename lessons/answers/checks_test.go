package answers

import (
	"fashionlab/lessons/checktest"
	"math"
	"slices"
	"strings"
	"testing"
)

// The tests of checks say it in short.
var (
	expectMessage = checktest.Message
	expectPass    = checktest.Pass
)

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

// A wrongAnswer is a checktest.Wrong, in short.
type wrongAnswer[F any] struct {
	name string
	f    F
	says string
}

// testChecks is checktest.Checks. In addition the first check, which is the visible one, must
// judge ordinary cases as those of its table.
func testChecks[F any](t *testing.T, checks []func(F) error, right F, wrong ...wrongAnswer[F]) {
	t.Helper()
	expectOrdinary(t, "the right answer", checks[0], right)
	var all []checktest.Wrong[F]
	for _, w := range wrong {
		expectOrdinary(t, w.name, checks[0], w.f)
		all = append(all, checktest.Wrong[F]{Name: w.name, F: w.f, Says: w.says})
	}
	checktest.Checks(t, checks, right, all...)
}

// alikeRows says whether two matrices are equal but for rounding.
func alikeRows(a, b [][]float64) bool {
	return slices.EqualFunc(a, b, func(a, b []float64) bool { return nearAll(a, b, 1e-9) })
}
