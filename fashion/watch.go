package fashion

import "time"

// Watcher is implemented by an Output of a training that draws the training
// itself: Fit tells it how far the training is. The lines that Fit writes go to it as to
// any other output. The packages progress and plots/live have such outputs.
type Watcher interface {
	// Watch is called before the first step, after every few steps (about
	// twice a second), after each epoch, and once at the end, also when the
	// training fails or is interrupted. It must return quickly, since the
	// training waits for it, and must not keep s.History, which the training
	// goes on to write.
	Watch(s TrainingStatus)
}

// TrainingStatus says how far a training is.
type TrainingStatus struct {
	// Model is the model's name.
	Model string
	// Epochs is how many epochs the training has in all, StepsPerEpoch the
	// steps of each.
	Epochs, StepsPerEpoch int
	// Step counts the steps done, those of an interrupted training before this
	// one included; Steps is where it ends.
	Step, Steps int
	// History is what was recorded so far.
	History *History
	// ImagesPerSecond is the mean speed since the first steps of this process,
	// which compile the model, validation included; 0 as long as it is not
	// known.
	ImagesPerSecond float64
	// Left is the time that the rest takes at this speed; 0 at the end and as
	// long as it is not known.
	Left time.Duration
	// Ended says that this is the last call.
	Ended bool
}

// watching measures a training for its Watcher.
type watching struct {
	watcher Watcher // nil if the output is none
	// The first steps of this process are over: where that was, and when. They
	// say nothing about the speed, since they include compiling.
	from  int
	began time.Time
}

// watch tells the watcher how far the training is.
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
		images := float64(f.loader.Subset().Len()) / float64(f.perEpoch)
		s.ImagesPerSecond = images / perStep
		if !ended {
			s.Left = time.Duration(perStep * float64(s.Steps-s.Step) * float64(time.Second))
		}
	}
	f.watching.watcher.Watch(s)
}
