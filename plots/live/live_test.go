package live

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"fashionlab/fashion"
	"fashionlab/plots"
)

// album keeps what is shown.
type album struct {
	mu               sync.Mutex
	sketches, finals []string
	at               []time.Time
	slow             time.Duration
}

func (a *album) Sketch(figure *plots.Figure, err ...error) { a.keep(&a.sketches, figure, err) }
func (a *album) Show(figure *plots.Figure, err ...error)   { a.keep(&a.finals, figure, err) }

func (a *album) keep(to *[]string, figure *plots.Figure, err []error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(err) > 0 && err[0] != nil {
		*to = append(*to, err[0].Error())
		return
	}
	a.at = append(a.at, time.Now())
	*to = append(*to, figure.String())
	time.Sleep(a.slow)
}

// task is a training that takes a moment.
func task(t *testing.T) (*fashion.Network, *fashion.Loader, *fashion.Loader) {
	t.Helper()
	if err := fashion.UseBackend("go"); err != nil {
		t.Fatal(err)
	}
	data, err := fashion.Synthetic(1, 600, 100)
	if err != nil {
		t.Fatal(err)
	}
	train, err := fashion.NewLoader(data.Train.All(), 20, fashion.Shuffle(1))
	if err != nil {
		t.Fatal(err)
	}
	validation, err := fashion.NewLoader(data.Test.All(), 50)
	if err != nil {
		t.Fatal(err)
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		t.Fatal(err)
	}
	return net, train, validation
}

func TestATrainingEndsAsOneStillPicture(t *testing.T) {
	net, train, validation := task(t)
	var lines bytes.Buffer
	a := &album{}
	_, err := fashion.Fit(net, train, fashion.Training{Epochs: 4, Validation: validation, Output: &curves{title: "mine", output: a, lines: &lines}})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.finals) != 1 || !strings.HasPrefix(a.finals[0], "mine: 4 of 4 epochs done · ") || !strings.Contains(a.finals[0], "accuracy") {
		t.Errorf("the final pictures are %q, want one of 4 epochs", a.finals)
	}
	if len(a.sketches) == 0 || a.sketches[0] != "mine: epoch 1 of 4" {
		t.Errorf("the sketches are %q, want one before the first step", a.sketches)
	}
	if text := lines.String(); strings.Contains(text, "Epoch [") || !strings.Contains(text, "backend") {
		t.Errorf("the lines are %q, want the backend's and none that the picture shows", text)
	}
}

func TestPicturesComeAtMostTwiceASecondAndDoNotHoldTheTrainingUp(t *testing.T) {
	a := &album{slow: 300 * time.Millisecond}
	c := &curves{title: "mine", output: a, lines: &bytes.Buffer{}}
	history := &fashion.History{}
	start := time.Now()
	calls := 0
	for time.Since(start) < 1800*time.Millisecond {
		calls++
		history.StepLosses = append(history.StepLosses, 1)
		begin := time.Now()
		c.Watch(fashion.Standing{Epochs: 1, StepsPerEpoch: 1e6, Step: calls, Steps: 1e6, History: history})
		if took := time.Since(begin); took > 150*time.Millisecond {
			t.Errorf("call %d took %v: the training waits for the picture", calls, took)
		}
		time.Sleep(2 * time.Millisecond)
	}
	c.Watch(fashion.Standing{Epochs: 1, StepsPerEpoch: 1e6, Step: calls, Steps: 1e6, History: history, Ended: true})
	if n := len(a.sketches); n < 2 || n > 4 {
		t.Errorf("%d sketches in 1.8 s, want 2 to 4", n)
	}
	for i := 1; i < len(a.sketches); i++ {
		if gap := a.at[i].Sub(a.at[i-1]); gap < redraw {
			t.Errorf("sketch %d came %v after the one before, want at least %v", i, gap, redraw)
		}
	}
	if len(a.finals) != 1 || !strings.Contains(a.finals[0], "stopped in epoch 1") {
		t.Errorf("the final pictures are %q", a.finals)
	}
}

func TestAnInterruptedTrainingKeepsItsPicture(t *testing.T) {
	net, train, _ := task(t)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	a := &album{}
	_, err := fashion.Fit(net, train, fashion.Training{Epochs: 2, Context: ctx, Output: &curves{title: "mine", output: a, lines: &bytes.Buffer{}}})
	if !errors.Is(err, fashion.ErrInterrupted) || len(a.finals) != 1 {
		t.Errorf("the error is %v and the final pictures %q", err, a.finals)
	}
}

func TestADivergedTrainingIsDrawnUpToItsLastNumber(t *testing.T) {
	a := &album{}
	c := &curves{title: "mine", output: a, lines: &bytes.Buffer{}}
	losses := []float32{2, 9, float32(math.NaN())}
	c.Watch(fashion.Standing{Epochs: 1, StepsPerEpoch: 10, Step: 3, Steps: 10, History: &fashion.History{StepLosses: losses}, Ended: true})
	if len(a.finals) != 1 || !strings.HasPrefix(a.finals[0], "mine: the loss is no longer a number: stopped in epoch 1 of 1 after 2 steps") {
		t.Errorf("the final pictures are %q", a.finals)
	}
}

func TestOutsideANotebookTheOutputIsPlain(t *testing.T) {
	if _, draws := Training("mine").(fashion.Watcher); draws {
		t.Error("outside a notebook the output draws, so that there would be neither a bar nor lines")
	}
}
