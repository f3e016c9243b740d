package fashion

import (
	"fashionlab/fashion/internal/engine"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// testdata/run-softmax is a training of softmax regression that was stopped in the middle of
// its second epoch. The commit before the one that added it made it, on amd64 without vector
// instructions, and then continued it to the figures below. Later versions must be able to
// open and continue it, since students have such runs.
const keptSteps, keptLoss, keptAccuracy = 9, 1.7485287376700618, 0.775

var (
	keptLosses = []float32{
		2.3194807, 2.2959077, 2.2388804, 2.176829, 2.057556, 2.094682, 1.8020005, 1.855141, 1.7656112,
		1.6719747, 1.6024067, 1.6122583, 1.4921112, 1.4297723, 1.3549265, 1.36929, 1.3220824, 1.1372697,
	}
	keptValidation = []float64{1.9280519406071583, 1.5847975883066385, 1.3090591342479443}
)

// keptWeights is sumOfWeights after the last step.
const keptWeights = "e1b44c654a8b707c1985e52f0c7c2c57965061023e955a3cd98e30619aa426f7"

func TestARunOfAnEarlierVersionOpensAndContinues(t *testing.T) {
	useBackend(t, "go")
	dir := filepath.Join(t.TempDir(), "kept")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "run-softmax"))); err != nil {
		t.Fatal(err)
	}
	// Other processors and vector instructions add in another order.
	exact := runtime.GOARCH == "amd64" && strings.HasPrefix(engine.VectorInstructions, "without")
	data, err := Synthetic(21, 96, 40)
	if err != nil {
		t.Fatal(err)
	}
	train := newLoader(t, data.Train.All(), 16, Shuffle(3))
	validation := newLoader(t, data.Test.All(), 16)

	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	if run.Steps() != keptSteps || !slices.Equal(run.History.StepLosses, keptLosses[:keptSteps]) {
		t.Errorf("opened after %d steps with the losses %v, want %d and %v", run.Steps(), run.History.StepLosses, keptSteps, keptLosses[:keptSteps])
	}
	net, err := run.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := net.Evaluate(validation)
	if err != nil {
		t.Fatal(err)
	}
	if !sameFigure(result.Loss, keptLoss, exact) || result.Accuracy != keptAccuracy {
		t.Errorf("loss %v and accuracy %v, want %v and %v", result.Loss, result.Accuracy, keptLoss, keptAccuracy)
	}

	net, err = SoftmaxRegression().Init(7)
	if err != nil {
		t.Fatal(err)
	}
	history, err := net.Fit(train, Training{Epochs: 3, Optimizer: Adam(0.002), Validation: validation, Seed: 5, Run: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(history.StepLosses) != len(keptLosses) {
		t.Fatalf("%d steps, want %d", len(history.StepLosses), len(keptLosses))
	}
	for i, loss := range history.StepLosses {
		if !sameFigure(float64(loss), float64(keptLosses[i]), exact) {
			t.Errorf("step %d: loss %v, want %v", i+1, loss, keptLosses[i])
		}
	}
	for i, e := range history.Epochs {
		if !sameFigure(e.ValLoss, keptValidation[i], exact) {
			t.Errorf("epoch %d: validation loss %v, want %v", e.Epoch, e.ValLoss, keptValidation[i])
		}
	}
	if sum := sumOfWeights(net.Weights); exact && sum != keptWeights {
		t.Errorf("the weights' sum is %s, want %s", sum, keptWeights)
	}
}

// sameFigure compares bit for bit, or within float32's rounding over some steps.
func sameFigure(got, want float64, exact bool) bool {
	if exact {
		return got == want
	}
	return math.Abs(got-want) <= 1e-5*math.Abs(want)
}
