package live

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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
	text := ""
	if len(err) > 0 && err[0] != nil {
		text = err[0].Error()
	} else {
		text = figure.String()
	}
	a.mu.Lock()
	a.at = append(a.at, time.Now())
	*to = append(*to, text)
	a.mu.Unlock()
	time.Sleep(a.slow)
}

// task is a short training.
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
	_, err := net.Fit(train, fashion.Training{Epochs: 4, Validation: validation, Output: &curves{title: "mine", output: a, lines: &lines}})
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

// Drawing takes 300 ms here and a picture comes at the earliest 500 ms after the
// one before was done. In a bubble of synctest the time is exact.
func TestPicturesComeAtMostTwiceASecondAndDoNotHoldTheTrainingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &album{slow: 300 * time.Millisecond}
		c := &curves{title: "mine", output: a, lines: &bytes.Buffer{}}
		history := &fashion.History{}
		start := time.Now()
		for step := 1; step <= 900; step++ {
			history.StepLosses = append(history.StepLosses, 1)
			begin := time.Now()
			c.Watch(fashion.TrainingStatus{Epochs: 1, StepsPerEpoch: 1e6, Step: step, Steps: 1e6, History: history})
			if took := time.Since(begin); took != 0 {
				t.Errorf("step %d took %v: the training waits for the picture", step, took)
			}
			time.Sleep(2 * time.Millisecond)
			synctest.Wait() // a picture that is done now is done before the next step
		}
		c.Watch(fashion.TrainingStatus{Epochs: 1, StepsPerEpoch: 1e6, Step: 900, Steps: 1e6, History: history, Ended: true})
		var at []time.Duration
		for _, moment := range a.at[:len(a.sketches)] {
			at = append(at, moment.Sub(start))
		}
		if want := []time.Duration{0, 800 * time.Millisecond, 1600 * time.Millisecond}; !slices.Equal(at, want) {
			t.Errorf("the sketches came at %v, want %v", at, want)
		}
		if len(a.finals) != 1 || !strings.Contains(a.finals[0], "stopped in epoch 1") {
			t.Errorf("the final pictures are %q", a.finals)
		}
	})
}

func TestAnInterruptedTrainingKeepsItsPicture(t *testing.T) {
	net, train, _ := task(t)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	a := &album{}
	_, err := net.FitContext(ctx, train, fashion.Training{Epochs: 2, Output: &curves{title: "mine", output: a, lines: &bytes.Buffer{}}})
	if !errors.Is(err, fashion.ErrInterrupted) || len(a.finals) != 1 {
		t.Errorf("the error is %v and the final pictures %q", err, a.finals)
	}
}

func TestADivergedTrainingIsDrawnUpToItsLastNumber(t *testing.T) {
	a := &album{}
	c := &curves{title: "mine", output: a, lines: &bytes.Buffer{}}
	losses := []float32{2, 9, float32(math.NaN())}
	c.Watch(fashion.TrainingStatus{Epochs: 1, StepsPerEpoch: 10, Step: 3, Steps: 10, History: &fashion.History{StepLosses: losses}, Ended: true})
	if len(a.finals) != 1 || !strings.HasPrefix(a.finals[0], "mine: the loss is no longer a number: stopped in epoch 1 of 1 after 2 steps") {
		t.Errorf("the final pictures are %q", a.finals)
	}
}

func TestOutsideANotebookTheOutputIsPlain(t *testing.T) {
	if _, draws := Training("mine").(fashion.Watcher); draws {
		t.Error("outside a notebook the output draws, so that there would be neither a bar nor lines")
	}
}
