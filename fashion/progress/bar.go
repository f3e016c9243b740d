// Package progress shows a bar with the remaining time while a network is trained.
//
// It does not import package fashion: package display has such a bar, too, and a notebook's
// cell that only shows a picture would have to link the whole engine.
package progress

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"fashionlab/fashion/internal/terminal"
)

// Bar returns an Output for fashion.Training that writes to w and shows a bar below the
// lines while the training runs. The bar is a line that is rewritten after a carriage
// return. Terminals show it as one line, and so do writers with a method Interactive()
// bool that returns true. For any other w, such as a file, Bar returns w itself.
func Bar(w io.Writer) io.Writer {
	if !terminal.Rewrites(w) {
		return w
	}
	return &bar{out: w, width: terminal.Width(w)}
}

// bar is moved by fashion.Fit, which knows it by its method Move.
type bar struct {
	out   io.Writer
	width func() int // of the terminal, or nil

	mu      sync.Mutex
	drawing *progressbar.ProgressBar // nil while no training runs
}

// Interactive reports that w shows a rewritten line as one line.
func (b *bar) Interactive() bool { return true }

// Write writes a line that stays above the bar.
func (b *bar) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawing == nil {
		return b.out.Write(p)
	}
	_ = b.drawing.Clear() // an error of the display must not stop the training
	n, err := b.out.Write(p)
	_ = b.drawing.RenderBlank()
	return n, err
}

// Move shows that a model's training has completed step of steps, and that it has ended.
func (b *bar) Move(model string, step, steps int, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawing == nil && !ended {
		b.drawing = newBar(b.out, b.width, steps, model)
		_ = b.drawing.RenderBlank() // starts its clock
	}
	if b.drawing == nil {
		return
	}
	_ = b.drawing.Set(step)
	if ended {
		_ = b.drawing.Clear()
		b.drawing = nil
	}
}

// newBar returns the bar. width returns the current width of a terminal; it is nil for
// other writers.
func newBar(out io.Writer, width func() int, total int, what string) *progressbar.ProgressBar {
	barWidth := 24
	if width != nil {
		const besides = 56 // columns for the text next to the bar in a training of thousands of steps
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
