package lessons

import (
	"strings"
	"testing"
)

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
	for _, w := range wrong {
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

func TestCauseOfPrefersTheFirstSlip(t *testing.T) {
	slips := []mistake[int]{{1, "one"}, {2, "two"}, {2, "also two"}}
	for got, want := range map[int]string{1: "one", 2: "two", 3: "other"} {
		if cause := likelyCause(got, func(a, b int) bool { return a == b }, "other", slips...); cause != want {
			t.Errorf("the cause of %d is %q, want %q", got, cause, want)
		}
	}
}
