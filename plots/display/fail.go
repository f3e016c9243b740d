package display

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/janpfeifer/must"
)

func init() {
	must.M = Fail
}

// Fail does nothing if err is nil. Otherwise it writes the place of the call and the error
// to standard error, and ends the program with status 1, so that the notebook marks the cell
// as failed. In a program that imports this package, must.M, must.M1 and so on do the same,
// so in a cell
//
//	data := must.M1(fashion.Load())
//
// either continues with the data or prints in one line why it cannot.
func Fail(err error) {
	if err == nil {
		return
	}
	current.finish()
	fmt.Fprint(os.Stderr, failure(err, callerInMain()))
	os.Exit(1)
}

// finish shows text that has not been shown yet.
func (s *session) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notebook != nil {
		s.flush()
	}
}

// failure returns the message. It begins with the place in the cell's program, which GoNB
// replaces by the number of the cell and of the line in it.
func failure(err error, place string) string {
	text := strings.TrimSpace(err.Error())
	if place != "" {
		return place + ": " + text + "\n"
	}
	return "error: " + text + "\n"
}

// callerInMain returns file and line of the innermost call from package main, which is the
// cell. It omits the folder of the file, which belongs to GoNB.
func callerInMain() string {
	counters := make([]uintptr, 32)
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters)])
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "main.") {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}
