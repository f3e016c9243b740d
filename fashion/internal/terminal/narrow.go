package terminal

import (
	"io"

	"github.com/rivo/uniseg"
)

// Narrow returns a writer that truncates lines to the current width, since a line that wraps
// could not be rewritten. The width may change between writes.
func Narrow(out io.Writer, width func() int) io.Writer { return &narrow{out: out, width: width} }

type narrow struct {
	out    io.Writer
	width  func() int
	column int
}

// Write writes the part of p that fits, and returns len(p).
func (n *narrow) Write(p []byte) (int, error) {
	width := n.width() - 1 // some terminals wrap after the last column
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
