package fashion

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// loop is a training loop as a student would write it.
func loop(t *testing.T, net *Network, train, validation *Loader, epochs int, optimizer Optimizer, seed uint64) (losses []float32, accuracies []float64) {
	t.Helper()
	trainer, err := NewTrainer(net, optimizer)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	if err := trainer.SeedDropout(seed); err != nil {
		t.Fatal(err)
	}
	for epoch := range epochs {
		for batch := range train.Batches(epoch) {
			loss, err := trainer.Step(batch)
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, float32(loss))
		}
		e, err := trainer.Evaluate(validation)
		if err != nil {
			t.Fatal(err)
		}
		accuracies = append(accuracies, e.Accuracy)
	}
	if trainer.SeedDropout(seed+1) == nil {
		t.Error("a seed that comes too late was accepted")
	}
	return losses, accuracies
}

func TestALoopOfStepsIsFitBitForBit(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		for _, c := range []struct {
			model     func() *Model
			optimizer Optimizer
		}{{SoftmaxRegression, SGD(0.01)}, {SoftmaxRegression, Adam(0.001)}, {smallCNN, Adam(0.01)}, {CNN, SGD(0.05)}} {
			train, validation, _ := smallTask(t) // the last batch is smaller
			fitted, looped := initialised(t, c.model()), initialised(t, c.model())
			history, err := fitted.Fit(train, Training{Epochs: 2, Optimizer: c.optimizer, Validation: validation, Seed: 9})
			if err != nil {
				t.Fatal(err)
			}
			losses, accuracies := loop(t, looped, train, validation, 2, c.optimizer, 9)
			name := looped.Model.Name()
			if !slices.Equal(losses, history.StepLosses) {
				t.Errorf("%s, %v: the losses of the loop are %v, those of Fit %v", name, c.optimizer, losses, history.StepLosses)
			}
			if !slices.Equal(accuracies, history.ValAccuracies()) {
				t.Errorf("%s, %v: the accuracies of the loop are %v, those of Fit %v", name, c.optimizer, accuracies, history.ValAccuracies())
			}
			if err := sameWeights(fitted.Weights, looped.Weights); err != nil {
				t.Errorf("%s, %v: %v", name, c.optimizer, err)
			}
		}
	})
}

func TestAStepTrainsOnTheImagesOfItsBatch(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	first := func(change func(Batch)) float64 {
		trainer, err := NewTrainer(initialised(t, SoftmaxRegression()), SGD(0.01))
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		batch := train.First()
		change(batch)
		loss, err := trainer.Step(batch)
		if err != nil {
			t.Fatal(err)
		}
		return loss
	}
	if first(func(Batch) {}) == first(func(b Batch) { slices.Reverse(b.Images) }) {
		t.Error("images that were changed in the batch were not trained on")
	}
}

func TestAStepRefusesBatchesThatDoNotFit(t *testing.T) {
	useBackend(t, "go")
	net := initialised(t, SoftmaxRegression())
	trainer, err := NewTrainer(net, SGD(0.01))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	before := net.Weights
	for what, batch := range map[string]Batch{
		"no images":        {},
		"images too short": {Images: make([]byte, ImagePixels), Labels: []byte{1, 2}},
		"a label of 10":    {Images: make([]byte, ImagePixels), Labels: []byte{10}},
	} {
		if _, err := trainer.Step(batch); err == nil || !strings.HasPrefix(err.Error(), "training step: ") {
			t.Errorf("%s: error %v", what, err)
		}
	}
	if net.Weights != before {
		t.Error("a step that failed changed the weights")
	}
	if _, err := NewTrainer(net, SGD(0)); err == nil {
		t.Error("a learning rate of 0 was accepted")
	}
}

func TestAStepThatDivergesIsAnError(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	trainer, err := NewTrainer(initialised(t, SoftmaxRegression()), SGD(1e38))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	for batch := range train.Batches(0) {
		loss, err := trainer.Step(batch)
		if err != nil {
			if !errors.Is(err, ErrDiverged) || !math.IsNaN(loss) && !math.IsInf(loss, 0) || !strings.Contains(err.Error(), "smaller learning rate") {
				t.Errorf("loss %v, error %v", loss, err)
			}
			return
		}
	}
	t.Error("a learning rate of 1e38 did not diverge")
}

func TestAContextEndsLongCallsWithinABatch(t *testing.T) {
	useBackend(t, "go")
	train, _, test := smallTask(t)
	net := initialised(t, SoftmaxRegression())
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("the lecture is over")
	cancel(cause)
	_, evaluate := net.EvaluateContext(ctx, test)
	_, predict := net.PredictAllContext(ctx, test)
	_, find := net.FindLearningRateContext(ctx, train, LRFinder{})
	for what, err := range map[string]error{"evaluate": evaluate, "predict": predict, "find a learning rate": find} {
		if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), what) {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

// stopInValidation is a Watcher that ends a context when the steps of an epoch are done, which
// is before its validation.
type stopInValidation struct {
	after int
	stop  func()
}

func (*stopInValidation) Write(p []byte) (int, error) { return len(p), nil }

func (s *stopInValidation) Watch(at TrainingStatus) {
	if at.Step == s.after && len(at.History.Epochs) < at.Step/at.StepsPerEpoch {
		s.stop()
	}
}

func TestATrainingStoppedDuringValidationContinuesToTheSameFigures(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		train, validation, _ := smallTask(t)
		whole := initialised(t, smallCNN())
		training := Training{Epochs: 3, Validation: validation, Seed: 4}
		want, err := whole.Fit(train, training)
		if err != nil {
			t.Fatal(err)
		}
		training.Run = t.TempDir() + "/r"
		for _, after := range []int{train.Len(), 3 * train.Len()} { // in the middle and at the end
			ctx, stop := context.WithCancel(context.Background())
			training.Output = &stopInValidation{after, stop}
			if _, err := initialised(t, smallCNN()).FitContext(ctx, train, training); !errors.Is(err, ErrInterrupted) {
				t.Fatalf("stopped after %d steps: %v", after, err)
			}
		}
		training.Output = nil
		net := initialised(t, smallCNN())
		history, err := net.Fit(train, training)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(history.StepLosses, want.StepLosses) || !slices.Equal(history.ValLosses(), want.ValLosses()) {
			t.Errorf("the history is %+v, want %+v", history.Epochs, want.Epochs)
		}
		if err := sameWeights(net.Weights, whole.Weights); err != nil {
			t.Error(err)
		}
	})
}
