package fashion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// smallTask is a small synthetic data set, whose last batch is smaller.
func smallTask(t *testing.T) (train, validation *Loader, test *Loader) {
	t.Helper()
	data, err := Synthetic(7, 700, 150)
	if err != nil {
		t.Fatal(err)
	}
	a, b, err := RandomSplit(data.Train, 3, 600, 100)
	if err != nil {
		t.Fatal(err)
	}
	loader := func(s Subset, options ...LoaderOption) *Loader {
		l, err := NewLoader(s, 64, options...)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	return loader(a, Shuffle(5)), loader(b), loader(data.Test.All())
}

func initialised(t *testing.T, model *Model) *Network {
	t.Helper()
	net, err := model.Init(11)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// smallCNN is a small network with every kind of layer.
func smallCNN() *Model {
	return NewModel("small_cnn",
		Block("conv1", Conv2D(1, 4, 3, Padding(2), Stride(2)), BatchNorm2D(4), ReLU(), MaxPool2D(2), Dropout(0.25)),
		Flatten(),
		Block("fc", Linear(4*7*7, 16), BatchNorm1D(16), ReLU(), Dropout(0.5), Linear(16, 10)),
	)
}

func sameWeights(a, b *Weights) error {
	for _, name := range a.Names() {
		x, _ := a.Get(name)
		y, ok := b.Get(name)
		if !ok || !slices.Equal(x.Data, y.Data) {
			return fmt.Errorf("tensor %q differs", name)
		}
	}
	return nil
}

func TestFitLearnsTheSyntheticClasses(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		train, validation, test := smallTask(t)
		net := initialised(t, SoftmaxRegression())
		before, err := net.Evaluate(test)
		if err != nil {
			t.Fatal(err)
		}
		history, err := net.Fit(train, Training{Epochs: 5, Optimizer: Adam(0.005), Validation: validation})
		if err != nil {
			t.Fatal(err)
		}
		after, err := net.Evaluate(test)
		if err != nil {
			t.Fatal(err)
		}
		// Ten equally likely classes: an untrained network guesses.
		if before.Accuracy > 0.35 || math.Abs(before.Loss-math.Log(10)) > 0.7 {
			t.Errorf("untrained: loss %.3f, accuracy %.3f, want about ln 10 and 0.1", before.Loss, before.Accuracy)
		}
		if after.Accuracy < 0.9 {
			t.Errorf("trained: accuracy %.3f, want at least 0.9", after.Accuracy)
		}
		if n := len(history.Epochs); n != 5 || len(history.StepLosses) != 5*train.Len() {
			t.Errorf("history has %d epochs and %d steps, want 5 and %d", n, len(history.StepLosses), 5*train.Len())
		}
	})
}

func TestFitIsRepeatableBitForBit(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		train, validation, _ := smallTask(t)
		fit := func() (*Network, *History) {
			net := initialised(t, smallCNN())
			history, err := net.Fit(train, Training{Epochs: 2, Validation: validation, Seed: 9})
			if err != nil {
				t.Fatal(err)
			}
			return net, history
		}
		a, first := fit()
		b, second := fit()
		if err := sameWeights(a.Weights, b.Weights); err != nil {
			t.Error(err)
		}
		if !slices.Equal(first.StepLosses, second.StepLosses) {
			t.Errorf("losses differ: %v and %v", first.StepLosses, second.StepLosses)
		}
	})
}

func TestBackendsAgree(t *testing.T) {
	xla := xlaConfig()
	if xla == "" {
		if os.Getenv("FASHION_REQUIRE_XLA") != "" {
			t.Fatal("no XLA plugin found: run make setup")
		}
		t.Skip("no XLA plugin found: run make setup to test it too")
	}
	train, _, test := smallTask(t)
	var losses [2][]float32
	var evaluations [2]*Evaluation
	for i, config := range []string{"go", xla} {
		useBackend(t, config)
		net := initialised(t, smallCNN())
		history, err := net.Fit(train, Training{Epochs: 1, Optimizer: SGD(0.01), Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		losses[i] = history.StepLosses
		if evaluations[i], err = net.Evaluate(test); err != nil {
			t.Fatal(err)
		}
	}
	for i := range losses[0] {
		// Float32 sums in another order: 1e-4 relative after ten steps is ample.
		if a, b := float64(losses[0][i]), float64(losses[1][i]); math.Abs(a-b) > 1e-4*a {
			t.Errorf("step %d: loss %v on Go, %v on XLA", i, a, b)
		}
	}
	if a, b := evaluations[0].Loss, evaluations[1].Loss; math.Abs(a-b) > 1e-4*a {
		t.Errorf("test loss %v on Go, %v on XLA", a, b)
	}
}

func TestStepsEndATrainingWithinAnEpoch(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	history, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Steps: 7, Validation: validation})
	if err != nil {
		t.Fatal(err)
	}
	if len(history.StepLosses) != 7 || len(history.Epochs) != 0 {
		t.Errorf("%d steps and %d epochs, want 7 and 0", len(history.StepLosses), len(history.Epochs))
	}
}

func TestFashionEpochsShortensAndReportsIt(t *testing.T) {
	useBackend(t, "go")
	t.Setenv("FASHION_EPOCHS", "1")
	train, _, _ := smallTask(t)
	var output bytes.Buffer
	history, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 4, Output: &output})
	if err != nil {
		t.Fatal(err)
	}
	if len(history.Epochs) != 1 || !strings.Contains(output.String(), "1 of 4 epochs") {
		t.Errorf("%d epochs, output %q", len(history.Epochs), output.String())
	}
	t.Setenv("FASHION_EPOCHS", "soon")
	if _, err := initialised(t, SoftmaxRegression()).Fit(train, Training{}); err == nil || !strings.Contains(err.Error(), `"soon"`) {
		t.Errorf("FASHION_EPOCHS=soon: error %v", err)
	}
}

func TestLinesAreTheHomeworks(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	var output bytes.Buffer
	_, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 2, Validation: validation, Output: &output})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "backend Go") ||
		!strings.HasPrefix(lines[1], "Epoch [0], val_loss: ") || !strings.Contains(lines[2], ", val_acc: 0.") {
		t.Errorf("output is %q", lines)
	}
	small, err := NewLoader(train.Subset(), 5)
	if err != nil {
		t.Fatal(err)
	}
	output.Reset()
	if _, err = initialised(t, SoftmaxRegression()).Fit(small, Training{Epochs: 1, Lines: StepLines, Output: &output}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(output.String(), "Epoch [1/1], Step [100/120], Loss: ") {
		t.Errorf("output is %q", output.String())
	}
}

func TestImageLinesAreTheHistorys(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	for _, v := range []*Loader{validation, nil} {
		var output bytes.Buffer
		history, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 2, Validation: v, Lines: ImageLines, Output: &output})
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range history.Epochs {
			want := fmt.Sprintf("epoch %d: train loss %.4f", i+1, e.TrainLoss)
			if v != nil {
				want += fmt.Sprintf(", validation loss %.4f, accuracy %.4f", e.ValLoss, e.ValAccuracy)
			}
			if !strings.Contains(output.String(), want+"\n") {
				t.Errorf("%q lacks %q", output.String(), want)
			}
		}
	}
}

func TestFitStopsWhenTheLossIsNoLongerFinite(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	_, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Optimizer: SGD(1e38)})
	if !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "smaller learning rate") {
		t.Errorf("error %v, want ErrDiverged with the advice of a smaller learning rate", err)
	}
}

// An epoch with a single step: its loss is that of the initial weights, and finite, but the
// weights after it are not.
func TestARunNeverKeepsWeightsThatAreNotFinite(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	whole, err := NewLoader(train.Subset(), train.Subset().Len())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		model    *Model
		loader   *Loader
		training Training
		epochs   int
	}{
		"the weights":                   {SoftmaxRegression(), whole, Training{Optimizer: SGD(math.MaxFloat64)}, 1},
		"the weights within an epoch":   {CNN(), train, Training{Optimizer: SGD(math.MaxFloat64), Steps: 1}, 0},
		"the loss of validation images": {smallCNN(), whole, Training{Optimizer: SGD(3e38), Validation: validation}, 1},
	} {
		c.training.Run = t.TempDir() + "/r"
		c.training.Epochs = 2
		net := initialised(t, c.model)
		first := net.Weights.Clone()
		history, err := net.Fit(c.loader, c.training)
		if !errors.Is(err, ErrDiverged) {
			t.Errorf("%s: error %v, want ErrDiverged", name, err)
			continue
		}
		if len(history.Epochs) != c.epochs || len(history.StepLosses) != 1 {
			t.Errorf("%s: %d epochs and %d losses are recorded, want %d and 1", name, len(history.Epochs), len(history.StepLosses), c.epochs)
		}
		if err := sameWeights(first, net.Weights); err != nil {
			t.Errorf("%s: the network has the weights of the step: %v", name, err)
		}
		run, err := OpenRun(c.training.Run)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run.Network(nil); err == nil {
			t.Errorf("%s: the run keeps weights", name)
		}
	}
}

func TestOutOfMemoryNamesTheBatch(t *testing.T) {
	err := outOfMemory(errors.New("PJRT error (code=8): Out of memory allocating 18788201040 bytes."), 50000)
	for _, part := range []string{"50000 images", "smaller batch", "18788201040 bytes"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	if other := errors.New("shape mismatch"); outOfMemory(other, 1) != other {
		t.Error("another error was changed")
	}
}

func TestFitRejectsBadSettings(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	for name, training := range map[string]Training{
		"negative epochs": {Epochs: -1},
		"learning rate":   {Optimizer: SGD(-1)},
		"optimizer":       {Optimizer: Optimizer{Name: "momentum", LearningRate: 0.1}},
	} {
		if _, err := initialised(t, SoftmaxRegression()).Fit(train, training); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// stopAfter is a writer that ends a training after some output.
type stopAfter struct {
	lines int
	stop  context.CancelFunc
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.lines -= bytes.Count(p, []byte("\n")); s.lines <= 0 {
		s.stop()
	}
	return len(p), nil
}

// fitInPieces trains a new network with the training's Run, and interrupts it after the given number
// of lines, then after one more, and one more. Each time it continues with another network, as in a
// new process.
func fitInPieces(t *testing.T, model func() *Model, train *Loader, training Training, lines int) (*Network, *History) {
	t.Helper()
	for stops := 0; ; stops++ {
		parts := initialised(t, model())
		ctx, cancel := context.WithCancel(context.Background())
		training.Output = nil
		if stops < 3 {
			training.Output = &stopAfter{lines: lines + stops, stop: cancel}
		}
		history, err := parts.FitContext(ctx, train, training)
		cancel()
		if err == nil {
			if stops == 0 {
				t.Fatal("the training was never interrupted")
			}
			return parts, history
		}
		if !errors.Is(err, ErrInterrupted) || stops > 2 {
			t.Fatal(err)
		}
		if !strings.Contains(err.Error(), "saved in") {
			t.Fatalf("%q does not say where the training is saved", err)
		}
	}
}

func TestInterruptedTrainingResumesToTheSameFigures(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		train, validation, _ := smallTask(t)
		whole := initialised(t, smallCNN())
		training := Training{Epochs: 3, Validation: validation, Seed: 4}
		want, err := whole.Fit(train, training)
		if err != nil {
			t.Fatal(err)
		}
		training.Run = t.TempDir() + "/interrupted"
		parts, history := fitInPieces(t, smallCNN, train, training, 2)
		if err := sameWeights(whole.Weights, parts.Weights); err != nil {
			t.Error(err)
		}
		if !slices.Equal(want.StepLosses, history.StepLosses) {
			t.Error("the losses differ")
		}
		if !slices.Equal(want.ValLosses(), history.ValLosses()) {
			t.Errorf("validation losses %v, want %v", history.ValLosses(), want.ValLosses())
		}
	})
}
