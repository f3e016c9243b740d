package fashion

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// watcher records what Fit tells it.
type watcher struct {
	bytes.Buffer
	seen    []TrainingStatus
	losses  []int // how many losses there were at each call
	atStep  int
	onReach func()
}

func (w *watcher) Watch(s TrainingStatus) {
	w.seen, w.losses = append(w.seen, s), append(w.losses, len(s.History.StepLosses))
	if w.onReach != nil && s.Step >= w.atStep {
		w.onReach()
	}
}

func TestAWatcherSeesTheTrainingFromStartToEnd(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	net, w := initialised(t, SoftmaxRegression()), &watcher{}
	history, err := net.Fit(train, Training{Epochs: 3, Validation: validation, Output: w})
	if err != nil {
		t.Fatal(err)
	}
	first, last := w.seen[0], w.seen[len(w.seen)-1]
	if first.Step != 0 || first.Left != 0 || first.ImagesPerSecond != 0 || first.Ended {
		t.Errorf("the first call says %+v, want no step done and no speed", first)
	}
	if first.Epochs != 3 || first.StepsPerEpoch != 10 || first.Steps != 30 || first.Model != "softmax" {
		t.Errorf("the first call says %+v, want 3 epochs of 10 steps of softmax", first)
	}
	if !last.Ended || last.Step != 30 || last.Left != 0 || len(last.History.Epochs) != 3 || last.History != history {
		t.Errorf("the last call says %+v, want the end", last)
	}
	ended := 0
	for i, s := range w.seen {
		if w.losses[i] != s.Step {
			t.Errorf("call %d: %d losses after %d steps", i, w.losses[i], s.Step)
		}
		if i > 0 && s.Step < w.seen[i-1].Step {
			t.Errorf("call %d: step %d after step %d", i, s.Step, w.seen[i-1].Step)
		}
		// The first steps compile; after them the speed is known.
		known := s.Step > w.seen[1].Step
		if known != (s.ImagesPerSecond > 0) || known && s.Step < s.Steps && s.Left <= 0 {
			t.Errorf("call %d: %v images a second, %v left after %d steps", i, s.ImagesPerSecond, s.Left, s.Step)
		}
		if s.Ended {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("%d calls say that the training has ended, want 1", ended)
	}
	if bytes.ContainsRune(w.Bytes(), '\r') {
		t.Errorf("Fit drew a bar for an output that draws the training itself: %q", w.String())
	}
	plain := initialised(t, SoftmaxRegression())
	if _, err := plain.Fit(train, Training{Epochs: 3, Validation: validation}); err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(plain.Weights, net.Weights); err != nil {
		t.Errorf("a watched training differs from one that is not: %v", err)
	}
}

func TestAWatcherIsCalledAtTheEndOfAnInterruptedTraining(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w := &watcher{atStep: 12, onReach: stop}
	_, err := initialised(t, SoftmaxRegression()).FitContext(ctx, train, Training{Epochs: 3, Output: w})
	if !errors.Is(err, ErrInterrupted) {
		t.Fatalf("the error is %v, want ErrInterrupted", err)
	}
	if last := w.seen[len(w.seen)-1]; !last.Ended || last.Step < 12 || last.Step >= 30 {
		t.Errorf("the last call says %+v, want the end of an interrupted training", last)
	}
}
