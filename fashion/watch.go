package fashion

import (
	"io"
	"time"
)

// Watcher is implemented by an Output of a training that shows the progress itself. Fit
// calls Watch with the status of the training, and writes its lines to it as to any other
// output. The packages progress and plots/live have such outputs.
type Watcher interface {
	// Watch is called before the first step, after every few steps (about twice a
	// second), after each epoch, and once at the end, even if the training fails or
	// is interrupted. It must return quickly, since the training waits for it. It
	// must not keep s.History, since the training continues to change it.
	Watch(s TrainingStatus)
}

// TrainingStatus is the status of a training in progress.
type TrainingStatus struct {
	// Model is the model's name.
	Model string
	// Epochs is the total number of epochs, StepsPerEpoch the number of steps in each.
	Epochs, StepsPerEpoch int
	// Step is the number of completed steps, including those before an interruption.
	// Steps is the total number of steps.
	Step, Steps int
	// History is the history recorded so far.
	History *History
	// ImagesPerSecond is the mean speed in this process, including validation but not
	// the first steps, which compile the model. It is 0 while it is unknown.
	ImagesPerSecond float64
	// Left is the remaining time at this speed. It is 0 at the end, and while it is
	// unknown.
	Left time.Duration
	// Ended is true in the last call.
	Ended bool
}

// bar is a progress bar. Its method has no type of this package, which package progress
// therefore need not import.
type bar interface {
	Move(model string, step, steps int, ended bool)
}

// barWatcher moves a bar.
type barWatcher struct{ bar }

func (w barWatcher) Watch(s TrainingStatus) { w.Move(s.Model, s.Step, s.Steps, s.Ended) }

// watcherOf returns the Watcher of a training's output, or nil.
func watcherOf(output io.Writer) Watcher {
	switch w := output.(type) {
	case Watcher:
		return w
	case bar:
		return barWatcher{w}
	}
	return nil
}

// watching measures the speed of a training for its Watcher.
type watching struct {
	watcher Watcher // nil if the output is not a Watcher
	// The step and the time at which the first steps of this process were complete.
	// The measurement starts then, since the first steps include compilation.
	from  int
	began time.Time
}

// watch calls the watcher with the status of the training.
func (f *fit) watch(ended bool) {
	if f.watching.watcher == nil {
		return
	}
	s := TrainingStatus{
		Model: f.net.Model.Name(), Epochs: f.Epochs, StepsPerEpoch: f.perEpoch,
		Step: f.run.step, Steps: f.totalSteps(), History: f.run.History, Ended: ended,
	}
	if f.watching.began.IsZero() && s.Step > f.watching.from {
		f.watching.from, f.watching.began = s.Step, time.Now()
	}
	elapsed, done := time.Since(f.watching.began), s.Step-f.watching.from
	if done > 0 && elapsed > 0 {
		perStep := elapsed.Seconds() / float64(done)
		images := float64(f.loader.images()) / float64(f.perEpoch)
		s.ImagesPerSecond = images / perStep
		if !ended {
			s.Left = time.Duration(perStep * float64(s.Steps-s.Step) * float64(time.Second))
		}
	}
	f.watching.watcher.Watch(s)
}
