package fashion

import (
	"encoding/json"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOptimizersWithoutOptionsAreStoredAsBefore(t *testing.T) {
	for text, o := range map[string]Optimizer{
		`{"name":"sgd","learning_rate":0.001}`: SGD(0.001),
		`{"name":"adam","learning_rate":0.01}`: Adam(0.01, WithBetas(0.9, 0.999)),
		`{"name":"adamw","learning_rate":0.008,"betas":[0.9,0.95],"weight_decay":0.02,"matrix_decay":true,"groups":[{"pattern":"*.bias","factor":2,"until":0.2}]}`: AdamW(0.008, WithBetas(0.9, 0.95), WithMatrixDecay(0.02), WithGroup("*.bias", 2, 0.2)),
	} {
		got, err := json.Marshal(o)
		if err != nil || string(got) != text {
			t.Errorf("%v is stored as %s (%v), want %s", o, got, err, text)
		}
		var read Optimizer
		if err := json.Unmarshal([]byte(text), &read); err != nil || read != o {
			t.Errorf("%s is read as %+v (%v), want %+v", text, read, err, o)
		}
	}
}

func TestInvalidTrainingSettingsAreErrors(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	many := []OptimizerOption{}
	for range mostGroups + 1 {
		many = append(many, WithGroup("*.bias", 2, 0))
	}
	broken := OneCycleLR()
	broken.Rise = 1
	for want, training := range map[string]Training{
		"momentum of adam":          {Optimizer: Adam(0.1, WithMomentum(0.9))},
		"betas or epsilon of sgd":   {Optimizer: SGD(0.1, WithBetas(0.9, 0.99))},
		"momentum 1":                {Optimizer: SGD(0.1, WithMomentum(1))},
		"nesterov with momentum 0":  {Optimizer: SGD(0.1, WithNesterov(0))},
		"weight decay -1":           {Optimizer: AdamW(0.1, WithWeightDecay(-1))},
		"epsilon NaN":               {Optimizer: Adam(0.1, WithEpsilon(math.NaN()))},
		"betas [1 0.9]":             {Optimizer: Adam(0.1, WithBetas(1, 0.9))},
		"at most 4 groups":          {Optimizer: SGD(0.1, many...)},
		"matches no trainable":      {Optimizer: SGD(0.1, WithGroup("conv9.*", 2, 0))},
		"a share in [0, 1)":         {Optimizer: SGD(0.1, WithGroup("*.bias", 1, 2))},
		`schedule "exponential"`:    {Schedule: Schedule{Name: "exponential"}},
		"a schedule without a name": {Schedule: Schedule{Gamma: 1}},
		"onecycle: rise 1":          {Schedule: broken},
		"with a warm-up, want none": {Schedule: OneCycleLR().WithWarmUp(3, 0)},
		"step: every 0 steps":       {Schedule: StepLR(0, 0.1)},
		"label smoothing 1":         {LabelSmoothing: 1},
		"gradients clipped":         {ClipNorm: -1},
		"a decay in (0, 1)":         {EMA: EMA{Decay: 1}},
		"without Validation":        {KeepBest: true},
		"patience -1":               {Patience: -1, Validation: validation},
		`monitor "f1"`:              {Monitor: "f1", Validation: validation},
	} {
		if _, err := initialised(t, SoftmaxRegression()).Fit(train, training); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if _, err := NewTrainer(initialised(t, SoftmaxRegression()), SGD(0.1, WithGroup("*.bias", 1, 0.2))); err == nil || !strings.Contains(err.Error(), "train with Fit") {
		t.Errorf("a trainer of an unknown number of steps: error %v", err)
	}
}

// everySetting has all settings of a training at once.
func everySetting(validation *Loader) Training {
	return Training{
		Epochs: 4, Validation: validation, Seed: 4,
		Optimizer: AdamW(0.02, WithMatrixDecay(0.05), WithGroup("*.bias", 2, 0.5)),
		Schedule:  OneCycleLR(), LabelSmoothing: 0.1, ClipNorm: 1, ClipValue: 0.5,
		EMA: EMA{Decay: 0.9, Every: 3, Start: 0.3}, KeepBest: true, Monitor: ByAccuracy, Patience: 3,
	}
}

func TestATrainingWithAllSettingsResumesToTheSameFigures(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		if path.Base(t.Name()) == "xla" {
			needsMinutes(t)
		}
		for _, model := range []func() *Model{SoftmaxRegression, smallCNN} {
			train, validation, _ := smallTask(t)
			training := everySetting(validation)
			whole := initialised(t, model())
			want, err := whole.Fit(train, training)
			if err != nil {
				t.Fatal(err)
			}
			training.Run = filepath.Join(t.TempDir(), "run")
			training.Lines = EpochLines
			parts, history := fitInPieces(t, model, train, training, 3)
			if !slices.Equal(history.StepLosses, want.StepLosses) {
				t.Error("the losses differ")
			}
			for i, e := range want.Epochs {
				got := history.Epochs[i]
				got.Seconds, e.Seconds = 0, 0
				if got != e || !e.Averaged || e.LearningRate == 0 {
					t.Errorf("epoch %+v, want %+v", got, e)
				}
			}
			if err := sameWeights(whole.Weights, parts.Weights); err != nil {
				t.Error(err)
			}
			run, err := OpenRun(training.Run)
			if err != nil {
				t.Fatal(err)
			}
			net, err := run.Network(nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := sameWeights(whole.Weights, net.Weights); err != nil {
				t.Errorf("the run: %v", err)
			}
			best, ok := want.Best(ByAccuracy)
			e, err := net.Evaluate(validation)
			if err != nil {
				t.Fatal(err)
			}
			if !ok || math.Abs(e.Accuracy-best.AveragedValAccuracy) > 1e-9 {
				t.Errorf("the run's network has accuracy %v, want that of the best epoch, %v", e.Accuracy, best.AveragedValAccuracy)
			}
			training.LabelSmoothing, training.EMA = 0, EMA{}
			if _, err := initialised(t, model()).Fit(train, training); err == nil || !strings.Contains(err.Error(), "label smoothing 0.1, want 0") {
				t.Errorf("other settings: error %v", err)
			}
			training.LabelSmoothing, training.EMA, training.Epochs = 0.1, everySetting(nil).EMA, 6
			if _, err := initialised(t, model()).Fit(train, training); err == nil || !strings.Contains(err.Error(), "number of steps of the whole training") {
				t.Errorf("more epochs of a schedule: error %v", err)
			}
		}
	})
}

func TestEarlyStoppingCountsEpochsWithoutABetterOne(t *testing.T) {
	history := func(losses ...float64) *History {
		h := &History{}
		for i, loss := range losses {
			h.Epochs = append(h.Epochs, EpochResult{Epoch: i + 1, Validated: true, ValLoss: loss, ValAccuracy: 1 - loss})
		}
		return h
	}
	for _, c := range []struct {
		losses   []float64
		patience int
		minDelta float64
		want     bool
	}{
		{[]float64{0.5, 0.6, 0.7}, 0, 0, false},
		{[]float64{0.5, 0.6}, 2, 0, false},
		{[]float64{0.5, 0.5, 0.6}, 2, 0, true},
		{[]float64{0.5, 0.6, 0.4, 0.5}, 2, 0, false},
		{[]float64{0.5, 0.49, 0.48}, 2, 0.05, true},
		{[]float64{0.5, 0.49, 0.44}, 2, 0.05, false},
	} {
		for _, by := range []Measure{"", ByLoss, ByAccuracy} {
			if got := history(c.losses...).stopped(by, c.patience, c.minDelta); got != c.want {
				t.Errorf("%v by %q with patience %d and least improvement %v: stopped %v, want %v", c.losses, by, c.patience, c.minDelta, got, c.want)
			}
		}
	}
	if best, ok := history(0.5, 0.3, 0.3, 0.4).Best(ByLoss); !ok || best.Epoch != 2 {
		t.Errorf("the best epoch is %d, want 2", best.Epoch)
	}
	if _, ok := (&History{Epochs: []EpochResult{{Epoch: 1}}}).Best(ByLoss); ok {
		t.Error("an epoch without validation was the best")
	}
}

func TestATrainingThatStopsEarlyIsDone(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	var lines strings.Builder
	training := Training{
		Epochs: 9, Optimizer: SGD(0.01), Validation: validation, Patience: 2, MinDelta: 100, KeepBest: true,
		Run: filepath.Join(t.TempDir(), "run"), Output: &lines,
	}
	net := initialised(t, SoftmaxRegression())
	history, err := net.Fit(train, training)
	if err != nil || len(history.Epochs) != 3 {
		t.Fatalf("%d epochs (%v), want 3", len(history.Epochs), err)
	}
	best, _ := history.Best(ByLoss)
	if !strings.Contains(lines.String(), "stopped after 3 of 9 epochs") {
		t.Errorf("the lines are %q", lines.String())
	}
	e, err := net.Evaluate(validation)
	if err != nil || math.Abs(e.Loss-best.ValLoss) > 1e-9 {
		t.Errorf("the network has validation loss %v (%v), want that of epoch %d, %v", e.Loss, err, best.Epoch, best.ValLoss)
	}
	again := initialised(t, SoftmaxRegression())
	if history, err = again.Fit(train, training); err != nil || len(history.Epochs) != 3 {
		t.Errorf("the second time %d epochs (%v), want 3", len(history.Epochs), err)
	}
	if err := sameWeights(net.Weights, again.Weights); err != nil {
		t.Error(err)
	}
}
