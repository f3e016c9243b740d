package fashion

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Interactive is implemented by writers that show a line which is written
// again and again, each time after a carriage return, as one changing line.
// Terminals are recognised without it.
type Interactive interface {
	Interactive() bool
}

// progress writes lasting lines and, where the writer can show it, a bar with
// the time left below them.
type progress struct {
	out io.Writer
	bar *progressbar.ProgressBar
}

// newProgress starts a display of total steps, of which done are done.
func newProgress(out io.Writer, total, done int, what string) *progress {
	p := &progress{out: out}
	if out == nil {
		p.out = io.Discard
		return p
	}
	if _, draws := out.(Watcher); draws || !canRewrite(out) {
		return p
	}
	p.bar = progressbar.NewOptions(total,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("steps"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
	if done > 0 {
		p.bar.AddMax(0)
		_ = p.bar.Set(done) // a display that fails must not stop a training
	}
	return p
}

func canRewrite(out io.Writer) bool {
	if i, ok := out.(Interactive); ok {
		return i.Interactive()
	}
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// line writes a line that stays.
func (p *progress) line(format string, args ...any) {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintf(p.out, format+"\n", args...)
	if p.bar != nil {
		_ = p.bar.RenderBlank()
	}
}

// add moves the bar.
func (p *progress) add(steps int) {
	if p.bar != nil {
		_ = p.bar.Add(steps)
	}
}

// finish removes the bar.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
