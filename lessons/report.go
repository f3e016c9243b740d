package lessons

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// Report shows the results of checks at the end of an exercise. If all are nil it
// prints a line for each check that has passed; otherwise it writes each error
// to standard error and ends the program with exit status 1, which fails the
// notebook's cell.
//
// Failures go to standard error because JupyterLab's button Validate shows what
// is written there.
func Report(results ...error) {
	if !report(os.Stdout, os.Stderr, results, nil) {
		os.Exit(1)
	}
}

// ReportUsing is Report for an exercise whose answer may call earlier answers.
// Only the result decides. Where it is an error, the first error of the earlier
// answers comes before it, since it may be the cause of all others.
func ReportUsing(result error, earlier ...error) {
	if !report(os.Stdout, os.Stderr, []error{result}, earlier) {
		os.Exit(1)
	}
}

// report writes the results and says whether all of them are nil.
func report(out, failures io.Writer, results, earlier []error) bool {
	lines := passed.take()
	for _, err := range earlier {
		if err == nil {
			lines = lines[:max(0, len(lines)-1)] // the check of an earlier answer has noted its line
		}
	}
	ok, written := true, map[string]bool{}
	fail := func(text string) {
		if ok = false; !written[text] {
			written[text] = true
			fmt.Fprintln(failures, "✗", text)
		}
	}
	for _, err := range results {
		if err == nil {
			continue
		}
		text := err.Error()
		if stub := (notWritten{}); !errors.As(err, &stub) {
			if i := slices.IndexFunc(earlier, func(e error) bool { return e != nil }); i >= 0 {
				fail(fmt.Sprintf("An earlier answer is wrong, and this exercise may use it. Mend that one first: %v", earlier[i]))
				text = withoutCause(err)
			}
		}
		fail(text)
	}
	if !ok {
		return false
	}
	if len(lines) == 0 {
		// The hidden checks note nothing.
		lines = []string{"✓ right in the further cases"}
	}
	fmt.Fprintln(out, strings.Join(lines, "\n"))
	return true
}

// GradedLater stands in the graded cell whose checks students do not see. It
// prints that these run when the work is graded.
func GradedLater(function string) {
	fmt.Printf("… %s is graded later with further cases.\n", function)
}

// passed has the lines of the visible checks that have passed since the last report.
var passed progress

type progress struct {
	mu    sync.Mutex
	lines []string
}

// note keeps what is right if a check has passed, and returns its result.
func (p *progress) note(err error, format string, values ...any) error {
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.lines = append(p.lines, fmt.Sprintf("✓ "+format+"; grading tries more", values...))
	}
	return err
}

// take returns the lines, and forgets them.
func (p *progress) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := p.lines
	p.lines = nil
	return lines
}

// An unexpected is the error of a result that is not the right one.
type unexpected struct{ what, cause string }

func (u unexpected) Error() string {
	if u.cause == "" {
		return u.what
	}
	return u.what + ": " + u.cause
}

// withoutCause is the text of an error without the cause that a check has guessed.
func withoutCause(err error) string {
	if u := (unexpected{}); errors.As(err, &u) {
		return u.what
	}
	return err.Error()
}

// A notWritten is the error of a function that is still the stub.
type notWritten struct{ name string }

func (n notWritten) Error() string {
	return fmt.Sprintf("%s is not written yet: put your code in the place of panic(%q)", n.name, stubPanic)
}
