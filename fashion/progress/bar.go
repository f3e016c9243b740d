package fashion

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"fashionlab/fashion/internal/terminal"
)

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
	if _, draws := out.(Watcher); draws || !terminal.Rewrites(out) {
		return p
	}
	p.bar = newBar(out, terminal.Width(out), total, what)
	if done > 0 {
		p.bar.AddMax(0)
		_ = p.bar.Set(done) // a display that fails must not stop a training
	}
	return p
}

// newBar makes the bar for a terminal of a width that may change, or for another writer,
// with nil.
func newBar(out io.Writer, width func() int, total int, what string) *progressbar.ProgressBar {
	barWidth := 24
	if width != nil {
		const besides = 56 // what stands beside the bar in a training of thousands of steps
		barWidth = max(4, min(barWidth, width()-besides))
		out = terminal.Narrow(out, width)
	}
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("steps"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
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
