package lessons

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// said is what report writes: to standard output, and to standard error.
func said(results, earlier []error) (out, failures string) {
	var a, b strings.Builder
	report(&a, &b, results, earlier)
	return a.String(), b.String()
}

func TestAReportSaysWhichChecksHavePassed(t *testing.T) {
	passed.take() // what other tests have noted
	right := func(name string, cases int) func() error {
		return func() error { return passed.note(nil, "%s: %d cases right", name, cases) }
	}
	wrong := func() error { return errors.New("wrong") }
	hidden := func() error { return nil }
	type checks []func() error
	for _, c := range []struct {
		results, earlier checks
		want             string
	}{
		{checks{right("A", 3)}, nil, "✓ A: 3 cases right; grading tries more\n"},
		{checks{right("A", 3), right("B", 2)}, nil, "✓ A: 3 cases right; grading tries more\n✓ B: 2 cases right; grading tries more\n"},
		{checks{right("A", 3)}, checks{right("B", 2)}, "✓ A: 3 cases right; grading tries more\n"},
		{checks{right("A", 3)}, checks{wrong, right("C", 1)}, "✓ A: 3 cases right; grading tries more\n"},
		{checks{hidden}, nil, "✓ right in the further cases\n"},
		{checks{hidden}, checks{right("B", 2)}, "✓ right in the further cases\n"},
	} {
		var results, earlier []error
		for _, check := range c.results {
			results = append(results, check())
		}
		for _, check := range c.earlier {
			earlier = append(earlier, check())
		}
		if out, failures := said(results, earlier); out != c.want || failures != "" {
			t.Errorf("it says %q and %q, want %q", out, failures, c.want)
		}
	}
}

func TestAReportBlamesTheEarlierAnswer(t *testing.T) {
	wrong := unexpected{"Shape(f) is [1], expected [2]", "use BigEndian"}
	earlier := errors.New("BigEndian(b) is 7, expected 8")
	for _, c := range []struct {
		results, earlier []error
		want, not        string
	}{
		{[]error{wrong}, nil, "✗ Shape(f) is [1], expected [2]: use BigEndian\n", "earlier"},
		{[]error{wrong}, []error{nil}, "✗ Shape(f) is [1], expected [2]: use BigEndian\n", "earlier"},
		{[]error{wrong}, []error{earlier}, "Mend that one first: BigEndian(b) is 7, expected 8\n✗ Shape(f) is [1], expected [2]\n", "use BigEndian"},
		{[]error{fmt.Errorf("%w (later)", wrong)}, []error{nil, earlier}, "Mend that one first: BigEndian", "use BigEndian"},
		{[]error{wrong}, []error{earlier, errors.New("the second")}, "Mend that one first: BigEndian", "the second"},
		{[]error{notWritten{"Shape"}}, []error{earlier}, "✗ Shape is not written yet", "BigEndian"},
	} {
		out, failures := said(c.results, c.earlier)
		if out != "" || !strings.Contains(failures, c.want) || strings.Contains(failures, c.not) {
			t.Errorf("%v after %v: %q and %q, want %q without %q", c.results, c.earlier, out, failures, c.want, c.not)
		}
	}
}
