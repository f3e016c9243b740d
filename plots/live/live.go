// Package live shows a training while it runs: in a notebook as growing curves, of which
// the last picture remains, on a terminal as a progress bar, and in a file as a line for
// each epoch.
//
//	history, err := net.Fit(loader, fashion.Training{Output: live.Training("my first network")})
package live

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"fashionlab/fashion"
	"fashionlab/plots"
	"fashionlab/plots/display"
)

// Training returns an Output for fashion.Training. In a notebook it draws the figure of
// plots.Training with the given title, at most twice a second, and in parallel with the
// training, which does not wait for it. Outside a notebook it writes Fit's lines to
// standard output.
func Training(title string) io.Writer {
	if !display.InNotebook() {
		return display.Writer()
	}
	return &curves{title: title, output: display.Live(), lines: display.Writer()}
}

// redraw is the shortest time between two pictures.
const redraw = 500 * time.Millisecond

// output receives pictures; it is a display.LiveOutput in a notebook.
type output interface {
	Show(figure *plots.Figure, err ...error)
	Sketch(figure *plots.Figure, err ...error)
}

// curves draws a training in a notebook.
type curves struct {
	title  string
	output output
	lines  io.Writer

	mu      sync.Mutex
	drawing sync.WaitGroup
	busy    bool
	drawn   time.Time
}

// Write passes lines on, except those that the figure shows.
func (c *curves) Write(p []byte) (int, error) {
	if text := string(p); strings.HasPrefix(text, "Epoch [") {
		return len(p), nil
	}
	return c.lines.Write(p)
}

// Watch draws the training's progress; see fashion.Watcher.
func (c *curves) Watch(s fashion.TrainingStatus) {
	c.mu.Lock()
	late := c.busy || time.Since(c.drawn) < redraw
	if late && !s.Ended {
		c.mu.Unlock()
		return
	}
	c.busy = true
	c.mu.Unlock()
	state := stateOf(s)
	if s.Ended {
		c.drawing.Wait()
		c.output.Show(picture(c.title, state))
		return
	}
	c.drawing.Add(1)
	go func() {
		defer c.drawing.Done()
		c.output.Sketch(picture(c.title, state))
		c.mu.Lock()
		c.busy, c.drawn = false, time.Now()
		c.mu.Unlock()
	}()
}

// stateOf copies the values for the figure, since the training continues to change them.
func stateOf(s fashion.TrainingStatus) plots.TrainingState {
	state := plots.TrainingState{
		Epochs: s.Epochs, StepsPerEpoch: s.StepsPerEpoch, ImagesPerSecond: s.ImagesPerSecond, Left: s.Left, Ended: s.Ended,
	}
	for _, loss := range s.History.StepLosses {
		state.StepLosses = append(state.StepLosses, float64(loss))
	}
	if slices.ContainsFunc(s.History.Epochs, func(e fashion.EpochResult) bool { return e.Validated }) {
		state.ValLosses, state.ValAccuracies = s.History.ValLosses(), s.History.ValAccuracies()
	}
	return state
}

// picture draws a training. A training that diverged is drawn up to the last step with a
// finite loss, and its title says so; Fit returns the error.
func picture(title string, state plots.TrainingState) (*plots.Figure, error) {
	figure, err := plots.Training(title, state)
	if err == nil || len(state.StepLosses) == 0 {
		return figure, err
	}
	state.StepLosses = state.StepLosses[:len(state.StepLosses)-1]
	return plots.Training(fmt.Sprintf("%s: the loss is no longer a number", title), state)
}
