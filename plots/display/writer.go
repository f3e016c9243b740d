package display

import (
	"bytes"
	"io"
	"time"

	"fashionlab/fashion/progress"
)

// Writer returns a writer for the progress of long work, such as training. Lines
// stay; a line that is rewritten with '\r', as progress bars do, shows its last
// state. All that is written, and what [Println] shows in between, is one output
// of the cell. A whole line is shown at once; an unfinished one at most ten
// times a second, so end the last one with a line break.
//
// As the Output of a training it shows a bar with the time left.
func Writer() io.Writer { return progress.Bar(writer{current}) }

type writer struct{ session *session }

// Interactive says whether a line that is rewritten with '\r' shows as one
// changing line: in notebooks and terminals, not in files.
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
