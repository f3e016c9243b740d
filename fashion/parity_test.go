package fashion

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"testing"
)

// reference is what testdata/pytorch/reference.py recorded of a model.
type reference struct {
	Model        string      `json:"model"`
	Torch        string      `json:"torch"`
	TestLoss     float64     `json:"test_loss"`
	TestAccuracy float64     `json:"test_accuracy"`
	BatchMean256 float64     `json:"batch_mean_loss_256"`
	Logits       [][]float64 `json:"logits"`
	SGDLosses    []float64   `json:"sgd_losses"`
	AdamLosses   []float64   `json:"adam_losses"`
}

// readReference returns PyTorch's figures of a model.
func readReference(t *testing.T, model string) reference {
	t.Helper()
	text, err := os.ReadFile(referenceFile(model) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// referenceFile is the path of a model's reference, without its extension.
func referenceFile(model string) string { return filepath.Join("testdata", "pytorch", model) }

// parityTolerance is relative to PyTorch's figures.
type parityTolerance struct{ evaluate, sgd, adam float64 }

func toleranceOf(model string) parityTolerance {
	if model == "softmax" {
		return parityTolerance{evaluate: 1e-5, sgd: 1e-4, adam: 1e-4}
	}
	return parityTolerance{evaluate: 1e-4, sgd: 1e-3, adam: 1e-2}
}

func wantClose(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if difference := math.Abs(got-want) / math.Abs(want); !(difference <= tolerance) {
		t.Errorf("%s: %.7f, PyTorch has %.7f: relative difference %.1e, allowed %.0e", what, got, want, difference, tolerance)
	}
}

// needsMinutes skips a test that make test-all runs and make test does not.
func needsMinutes(t *testing.T) {
	t.Helper()
	if os.Getenv("FASHIONLAB_ALL") != "1" {
		t.Skip("takes minutes: FASHIONLAB_ALL=1 runs it")
	}
}

func TestEachModelComputesWhatPyTorchComputes(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for minutes")
	}
	data, err := load(realData(t))
	if err != nil {
		t.Fatal(err)
	}
	test, err := NewLoader(data.Test.All(), 256)
	if err != nil {
		t.Fatal(err)
	}
	train, err := NewLoader(data.Train.All(), 128)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ModelNames() {
		t.Run(name, func(t *testing.T) {
			onEachBackend(t, func(t *testing.T) {
				if path.Base(t.Name()) == "go" && name != "softmax" {
					needsMinutes(t)
				}
				r := readReference(t, name)
				model, err := ModelByName(name)
				if err != nil {
					t.Fatal(err)
				}
				if model, err = model.WithDropout(0); err != nil {
					t.Fatal(err)
				}
				tolerance := toleranceOf(name)
				start := func() *Network {
					net, err := model.LoadSafetensors(referenceFile(name) + ".safetensors")
					if err != nil {
						t.Fatal(err)
					}
					return net
				}
				net := start()
				evaluation, err := net.Evaluate(test)
				if err != nil {
					t.Fatal(err)
				}
				wantClose(t, "test loss of the given weights", evaluation.Loss, r.TestLoss, tolerance.evaluate)
				wantClose(t, "mean of the batches' means", evaluation.BatchMeanLoss, r.BatchMean256, tolerance.evaluate)
				if math.Abs(evaluation.Accuracy-r.TestAccuracy) > 2e-4 { // two images at a boundary
					t.Errorf("test accuracy %.4f, PyTorch has %.4f", evaluation.Accuracy, r.TestAccuracy)
				}
				output, err := net.Forward(test.First(), nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, row := range r.Logits {
					for class, want := range row {
						if got := float64(output.Logits.Data[i*NumClasses+class]); math.Abs(got-want) > 1e-4*math.Max(1, math.Abs(want)) {
							t.Errorf("logit of image %d, class %d: %v, PyTorch has %v", i, class, got, want)
						}
					}
				}
				for _, o := range []struct {
					optimizer Optimizer
					losses    []float64
					tolerance float64
				}{
					{SGD(0.001), r.SGDLosses, tolerance.sgd},
					{Adam(0.01), r.AdamLosses, tolerance.adam},
				} {
					net := start()
					history, err := net.Fit(train, Training{Epochs: 1, Steps: len(o.losses), Optimizer: o.optimizer})
					if err != nil {
						t.Fatal(err)
					}
					if len(history.StepLosses) != len(o.losses) {
						t.Fatalf("%v: %d losses, want %d", o.optimizer, len(history.StepLosses), len(o.losses))
					}
					for i, want := range o.losses {
						wantClose(t, fmt.Sprintf("%v, loss of step %d", o.optimizer, i), float64(history.StepLosses[i]), want, o.tolerance)
					}
				}
			})
		})
	}
}
