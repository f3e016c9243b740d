package terminal

import (
	"io"

	"github.com/rivo/uniseg"
)

// Narrow returns a writer that cuts lines to a width, which may change while a line is
// written again and again: a line that wraps could not be removed.
func Narrow(out io.Writer, width func() int) io.Writer { return &narrow{out: out, width: width} }

type narrow struct {
	out    io.Writer
	width  func() int
	column int
}

// Write passes on what fits, and reports all of it as written.
func (n *narrow) Write(p []byte) (int, error) {
	width := n.width() - 1 // in the last column some terminals wrap at once
	kept := make([]byte, 0, len(p))
	for text, state := p, -1; len(text) > 0; {
		var cluster []byte
		var columns int
		cluster, text, columns, state = uniseg.FirstGraphemeCluster(text, state)
		if cluster[0] == '\r' || cluster[0] == '\n' {
			n.column, columns = 0, 0
		}
		n.column += columns
		if n.column <= width {
			kept = append(kept, cluster...)
		}
	}
	if _, err := n.out.Write(kept); err != nil {
		return 0, err
	}
	return len(p), nil
}
