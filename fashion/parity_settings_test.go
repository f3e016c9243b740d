package fashion

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion/internal/safetensors"
	"fashionlab/fashion/internal/testfiles"
)

// settingsLoader returns the images of testdata/pytorch/settings.py, in file order.
func settingsLoader(t *testing.T) *Loader {
	t.Helper()
	const images = 32
	d := &Dataset{Images: make([]byte, images*ImagePixels), Labels: make([]byte, images)}
	for i := range images {
		d.Labels[i] = byte(i * 3 % 10)
		for p := range ImagePixels {
			d.Images[i*ImagePixels+p] = byte(i*i*7 + p*13 + (i+1)*(p/28)*(p%28))
		}
	}
	loader, err := NewLoader(d.All(), 8)
	if err != nil {
		t.Fatal(err)
	}
	return loader
}

// settingsSmall is the network of testdata/pytorch/settings.py.
func settingsSmall() *Model {
	return NewModel("small",
		Block("conv", Conv2D(1, 2, 5), ReLU(), BatchNorm2D(2), MaxPool2D(4)),
		Flatten(),
		Named("out", Linear(72, 10)),
	)
}

// pytorchSettings are the trainings of testdata/pytorch/settings.py, by name.
func pytorchSettings() map[string]Training {
	sgd, adamw := SGD(0.02), AdamW(0.002)
	momentum := SGD(0.02, WithMomentum(0.9))
	cosine, fixed, linear := CosineAnnealingLR(), OneCycleLR(), OneCycleLR()
	cosine.EtaMin = 0.001
	fixed.Rise, fixed.DivFactor, fixed.FinalDivFactor, fixed.BaseMomentum, fixed.MaxMomentum = 0.2, 10, 100, 0, 0
	linear.LinearAnneal = true
	warmUp := CosineAnnealingLR().WithWarmUp(4, 0.25)
	return map[string]Training{
		"momentum":        {Optimizer: momentum},
		"nesterov":        {Optimizer: SGD(0.02, WithNesterov(0.9), WithWeightDecay(0.05))},
		"sgd_decay":       {Optimizer: SGD(0.02, WithWeightDecay(0.1))},
		"adam_decay":      {Optimizer: Adam(0.002, WithBetas(0.8, 0.95), WithEpsilon(1e-4), WithWeightDecay(0.1))},
		"adamw":           {Optimizer: adamw},
		"adamw_recipe":    {Optimizer: AdamW(0.002, WithBetas(0.9, 0.95), WithMatrixDecay(0.2))},
		"slow_biases":     {Optimizer: Adam(0.002, WithGroup("*bias", 0.1, 0))},
		"freeze":          {Optimizer: AdamW(0.002, WithGroup("FIRST_BIAS", 1, 0.25))},
		"freeze_clipped":  {Optimizer: SGD(0.02, WithMomentum(0.9), WithGroup("FIRST_BIAS", 1, 0.25)), ClipNorm: 0.5},
		"onecycle":        {Optimizer: momentum, Schedule: OneCycleLR()},
		"onecycle_linear": {Optimizer: adamw, Schedule: linear},
		"onecycle_fixed":  {Optimizer: sgd, Schedule: fixed},
		"cosine":          {Optimizer: sgd, Schedule: cosine},
		"linear":          {Optimizer: sgd, Schedule: LinearLR(1./3, 1, 5)},
		"step":            {Optimizer: sgd, Schedule: StepLR(5, 0.1)},
		"triangular":      {Optimizer: sgd, Schedule: TriangularLR(0.25)},
		"warm_up":         {Optimizer: adamw, Schedule: warmUp},
		"clip_norm":       {Optimizer: sgd, ClipNorm: 0.5},
		"clip_value":      {Optimizer: sgd, ClipValue: 0.01},
		"label_smoothing": {Optimizer: sgd, LabelSmoothing: 0.1},
		"ema":             {Optimizer: momentum, EMA: EMA{Decay: 0.9}},
		"ema_every":       {Optimizer: adamw, EMA: EMA{Decay: 0.95, Every: 2, Start: 0.25}},
	}
}

// pytorchSetting is what testdata/pytorch/settings.json has of a setting.
type pytorchSetting struct{ Small, Softmax, Rates, Momenta []float64 }

func readPytorchSettings(t *testing.T) map[string]pytorchSetting {
	t.Helper()
	var file struct{ Settings map[string]pytorchSetting }
	if err := json.Unmarshal(testfiles.Read(t, referenceFile("settings")+".json"), &file); err != nil {
		t.Fatal(err)
	}
	return file.Settings
}

func TestSchedulesHavePyTorchsRatesAndMomenta(t *testing.T) {
	settings := pytorchSettings()
	for name, want := range readPytorchSettings(t) {
		training := settings[name]
		for step, rate := range want.Rates {
			got := training.Schedule.Rate(training.Optimizer.LearningRate, step, len(want.Rates))
			if math.Abs(got-rate) > 1e-12 {
				t.Errorf("%s, step %d: rate %v, PyTorch has %v", name, step, got, rate)
			}
			if !training.Schedule.cycles() {
				continue
			}
			if got := training.Schedule.momentum(step, len(want.Rates)); math.Abs(got-want.Momenta[step]) > 1e-12 {
				t.Errorf("%s, step %d: momentum %v, PyTorch has %v", name, step, got, want.Momenta[step])
			}
		}
	}
}

func TestTrainingSettingsComputeWhatPyTorchComputes(t *testing.T) {
	file := referenceFile("settings") + ".safetensors"
	list, _, err := safetensors.Decode(file, testfiles.Read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	stored := weightsOf(list)
	want := readPytorchSettings(t)
	if settings := pytorchSettings(); len(settings) != len(want) {
		t.Fatalf("%d settings, PyTorch has %d", len(settings), len(want))
	}
	// XLA compiles each for seconds; make test-all runs the others on XLA, too.
	brief := []string{"adamw_recipe", "freeze_clipped", "onecycle"}
	inLoops := []string{"freeze_clipped", "onecycle", "ema_every"}
	onEachBackend(t, func(t *testing.T) {
		onGo := path.Base(t.Name()) == "go"
		loader := settingsLoader(t)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			t.Run(name, func(t *testing.T) {
				if !onGo && !slices.Contains(brief, name) {
					needsMinutes(t)
				}
				// The small network trains step by step, the softmax regression in loops.
				small := initialised(t, settingsSmall())
				for _, p := range small.Model.Parameters() {
					if first, ok := stored.Get("first." + p.Name); ok {
						small.Weights.Set(p.Name, first)
					}
				}
				trainSetting(t, small, loader, name, "conv.0.bias", want[name].Small)
				for _, p := range small.Model.Parameters() {
					tolerance := 1e-4
					if strings.HasPrefix(p.Name, "conv.") {
						tolerance = 2e-3 // the terms of the gradients almost cancel, since batch norm follows
					}
					if after, ok := stored.Get(name + "." + p.Name); ok {
						got, _ := small.Weights.Get(p.Name)
						wantEqual(t, p.Name, got, after, tolerance)
					}
				}
				if !onGo && !slices.Contains(inLoops, name) {
					return
				}
				softmax := initialised(t, SoftmaxRegression())
				for _, p := range softmax.Model.Parameters() {
					softmax.Weights.Set(p.Name, NewTensor(p.Shape...))
				}
				trainSetting(t, softmax, loader, name, "linear.bias", want[name].Softmax)
			})
		}
	})
}

// trainSetting trains a network as testdata/pytorch/settings.py does, and compares the losses.
func trainSetting(t *testing.T, net *Network, loader *Loader, name, firstBias string, losses []float64) {
	t.Helper()
	training := pytorchSettings()[name]
	training.Epochs = len(losses) / loader.Len()
	for i, g := range training.Optimizer.Groups {
		training.Optimizer.Groups[i].Pattern = strings.Replace(g.Pattern, "FIRST_BIAS", firstBias, 1)
	}
	history, err := net.Fit(loader, training)
	if err != nil {
		t.Fatal(err)
	}
	for i, loss := range losses {
		wantClose(t, fmt.Sprintf("%s, loss of step %d", net.Model.Name(), i), float64(history.StepLosses[i]), loss, 1e-4)
	}
}
