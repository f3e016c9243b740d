// Package terminal tells what a writer shows of lines that are written again and again.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Is reports whether w is a terminal.
func Is(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Width returns what asks a terminal for its width, which may change, or nil for other
// writers.
func Width(w io.Writer) func() int {
	if !Is(w) {
		return nil
	}
	fd := int(w.(*os.File).Fd())
	return func() int {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
		return 80 // a terminal that does not say, such as a serial line
	}
}

// Rewrites reports whether w shows a line that is written again and again, each time
// after a carriage return, as one changing line. Terminals do, and writers that say so by
// a method Interactive.
func Rewrites(w io.Writer) bool {
	if i, ok := w.(interface{ Interactive() bool }); ok {
		return i.Interactive()
	}
	return Is(w)
}
