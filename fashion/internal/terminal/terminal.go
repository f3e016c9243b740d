// Package terminal detects terminals, their width, and other writers that can rewrite a line.
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

// Width returns a function that returns the current width of a terminal in columns. It
// returns nil if w is not a terminal.
func Width(w io.Writer) func() int {
	if !Is(w) {
		return nil
	}
	fd := int(w.(*os.File).Fd())
	return func() int {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
		return 80 // the width is unknown, for example on a serial line
	}
}

// Rewrites reports whether w shows a line that is rewritten after a carriage return as one
// changing line. Terminals do, and so do writers with a method Interactive that returns true.
func Rewrites(w io.Writer) bool {
	if i, ok := w.(interface{ Interactive() bool }); ok {
		return i.Interactive()
	}
	return Is(w)
}
