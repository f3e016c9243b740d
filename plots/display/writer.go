package display

import (
	"bytes"
	"io"
	"time"

	"fashionlab/fashion/progress"
)

// Writer returns a writer for the progress of long work, such as training. A line that is
// rewritten with '\r', such as a progress bar, shows its last state. All its text, and text
// of [Println] in between, is one output of the cell. It shows a complete line immediately
// and an incomplete line at most ten times a second, so end the last line with a line break.
//
// As the Output of a training it shows a bar with the remaining time.
func Writer() io.Writer { return progress.Bar(writer{current}) }

type writer struct{ session *session }

// Interactive reports whether a line that is rewritten with '\r' is shown as one changing
// line, which is so in notebooks and terminals, but not in files.
func (w writer) Interactive() bool {
	return w.session.notebook != nil || w.session.terminal
}

// Write never fails in a notebook.
func (w writer) Write(p []byte) (int, error) {
	s := w.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notebook == nil {
		return s.out.Write(p)
	}
	s.add(p)
	wait := refresh - time.Since(s.sent)
	switch {
	case wait <= 0 || bytes.IndexByte(p, '\n') >= 0:
		s.flush()
	case s.flusher == nil:
		s.flusher = time.AfterFunc(wait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.flush()
		})
	}
	return len(p), nil
}
