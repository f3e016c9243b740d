// Package checktest has what the tests of checks share: whether a check says what it should.
package checktest

import (
	"strings"
	"testing"
)

// Message fails the test unless err's message contains every part.
func Message(t *testing.T, err error, parts ...string) {
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

// Pass fails the test if err is not nil.
func Pass(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("the right answer is refused: %v", err)
	}
}

// Wrong is a typical wrong function for an exercise and a part of the message that
// recognises it.
type Wrong[F any] struct {
	Name string
	F    F
	Says string
}

// Checks fails the test unless the right answer passes every check, each wrong one fails
// one of them with its own message, and no message fits another wrong answer.
func Checks[F any](t *testing.T, checks []func(F) error, right F, wrong ...Wrong[F]) {
	t.Helper()
	for _, check := range checks {
		Pass(t, check(right))
	}
	if len(wrong) < 4 {
		t.Errorf("%d wrong answers, want at least 4", len(wrong))
	}
	for _, w := range wrong {
		err := first(checks, w.F)
		if err == nil {
			t.Errorf("the wrong answer %q passes", w.Name)
			continue
		}
		if !strings.Contains(err.Error(), w.Says) {
			t.Errorf("%s: the error is\n\t%v\nand does not say %q", w.Name, err, w.Says)
		}
		for _, other := range wrong {
			if other.Name != w.Name && strings.Contains(err.Error(), other.Says) {
				t.Errorf("%s: the error is\n\t%v\nwhich also says %q, as for %s", w.Name, err, other.Says, other.Name)
			}
		}
	}
}

// first returns the first error of the checks. All of them are called.
func first[F any](checks []func(F) error, answer F) (first error) {
	for _, check := range checks {
		if err := check(answer); first == nil {
			first = err
		}
	}
	return first
}
