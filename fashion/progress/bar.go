// Package progress draws a bar with the time left while a network is trained.
package progress

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/terminal"
)

// Bar returns an Output for fashion.Training that writes to w and shows a bar below the
// lines while the training runs. Where w does not show a line that is written again
// and again as one changing line, it is w itself: a file gets lines only. Terminals show
// such lines, and writers that say so by a method Interactive() bool.
func Bar(w io.Writer) io.Writer {
	if !terminal.Rewrites(w) {
		return w
	}
	return &bar{out: w, width: terminal.Width(w)}
}

// bar is a fashion.Watcher.
type bar struct {
	out   io.Writer
	width func() int // of the terminal, or nil

	mu      sync.Mutex
	drawing *progressbar.ProgressBar // nil while no training runs
}

// Interactive says that w shows changing lines.
func (b *bar) Interactive() bool { return true }

// Write writes a line that stays above the bar.
func (b *bar) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawing == nil {
		return b.out.Write(p)
	}
	_ = b.drawing.Clear() // a display that fails must not stop a training
	n, err := b.out.Write(p)
	_ = b.drawing.RenderBlank()
	return n, err
}

// Watch moves the bar; see fashion.Watcher.
func (b *bar) Watch(s fashion.TrainingStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawing == nil && !s.Ended {
		b.drawing = newBar(b.out, b.width, s.Steps, s.Model)
		_ = b.drawing.RenderBlank() // starts its clock
	}
	if b.drawing == nil {
		return
	}
	_ = b.drawing.Set(s.Step)
	if s.Ended {
		_ = b.drawing.Clear()
		b.drawing = nil
	}
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
