package fashion

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/engine"
	"fashionlab/fashion/internal/kernels"
)

// useDevices makes XLA, on the given number of devices, the backend until the test ends.
func useDevices(t *testing.T, devices int) {
	t.Helper()
	config := xlaConfig()
	switch {
	case raceDetector:
		t.Skip("the race detector does not see into XLA")
	case config == "" && os.Getenv("FASHION_REQUIRE_XLA") != "":
		t.Fatal("no XLA plugin found: run make setup")
	case config == "":
		t.Skip("no XLA plugin found: run make setup to test it too")
	}
	useBackend(t, config)
	if has := theBackend.choice.Devices; has < devices {
		t.Skipf("%s=%d, the test needs %d devices", devicesVariable, has, devices)
	}
	theBackend.choice.Devices = devices
}

// firstLosses trains on one and on two devices.
func firstLosses(t *testing.T, model *Model, loader *Loader, training Training) (losses [2][]float32) {
	t.Helper()
	for i := range losses {
		useDevices(t, i+1)
		history, err := initialised(t, model).Fit(loader, training)
		if err != nil {
			t.Fatal(err)
		}
		losses[i] = history.StepLosses
	}
	return losses
}

func wantFirstLosses(t *testing.T, losses [2][]float32) {
	t.Helper()
	if len(losses[0]) != 10 || len(losses[1]) != 10 {
		t.Fatalf("%d losses on one device and %d on two, want 10", len(losses[0]), len(losses[1]))
	}
	for i, one := range losses[0] {
		if difference := math.Abs(float64(losses[1][i] - one)); !(difference <= 1e-5) {
			t.Errorf("step %d: loss %v on two devices, want that of one, %v", i+1, losses[1][i], one)
		}
	}
}

// The rate is small, since rounding grows from step to step, and the faster the larger the
// steps are. The dropout masks and batch norm's statistics are those of the whole batch.
func TestTheFirstLossesOnTwoDevicesAreThoseOfOne(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for a minute")
	}
	data, err := Synthetic(7, 320, 10)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(data.Train.All(), 32)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range ModelNames() {
		t.Run(name, func(t *testing.T) {
			model, err := ModelByName(name)
			if err != nil {
				t.Fatal(err)
			}
			losses := firstLosses(t, model, loader, Training{Epochs: 1, Optimizer: SGD(0.01), Seed: 3})
			wantFirstLosses(t, losses)
			if equal := slices.Equal(losses[0], losses[1]); equal != (name == "softmax") {
				t.Errorf("equal bits on one and two devices: %v, want them for softmax alone, which runs on one", equal)
			}
		})
	}
}

func TestASmallLastBatchChangesNoLossOnTwoDevices(t *testing.T) {
	data, err := Synthetic(7, 4*32+15, 10)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(data.Train.All(), 32)
	if err != nil {
		t.Fatal(err)
	}
	wantFirstLosses(t, firstLosses(t, smallCNN(), loader, Training{Epochs: 2, Optimizer: SGD(0.01), Seed: 3}))
}

func TestDropoutMasksAreEqualOnOneAndTwoDevices(t *testing.T) {
	images := engine.Data{Images: make([]byte, 6*ImagePixels), Pixels: ImagePixels}
	var masks [2]*Tensor
	for i := range masks {
		useDevices(t, i+1)
		e, err := initialised(t, CNN()).evaluator(func(_ *Context, x *Node) []*Node {
			return []*Node{kernels.Dropout(OnesLike(x), Const(x.Graph(), int32(5)), 9, 1, 0.5)}
		})
		if err != nil {
			t.Fatal(err)
		}
		defer e.close()
		out, err := e.call(images)
		if err != nil {
			t.Fatal(err)
		}
		list, err := fromDevice(out)
		if err != nil {
			t.Fatal(err)
		}
		masks[i] = list[0]
	}
	if !slices.Equal(masks[0].Data, masks[1].Data) || !slices.Contains(masks[0].Data, 0) {
		t.Error("the masks differ, or drop nothing")
	}
}

func TestEvaluationsAndPredictionsOnTwoDevicesAreThoseOfOne(t *testing.T) {
	_, _, loader := smallTask(t) // 150 images
	image, err := loader.Subset().Dataset.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	var losses, logits [2]float64
	for i := range losses {
		useDevices(t, i+1)
		net := initialised(t, smallCNN())
		e, err := net.Evaluate(loader)
		if err != nil {
			t.Fatal(err)
		}
		p, err := net.Predict(image)
		if err != nil {
			t.Fatal(err)
		}
		losses[i], logits[i] = e.Loss, p[0].Logits[0]
	}
	wantClose(t, "loss", losses[1], losses[0], 1e-5)
	wantClose(t, "a logit", logits[1], logits[0], 1e-5)
}

func TestARunContinuesOnAnotherNumberOfDevicesAndSaysSo(t *testing.T) {
	train, _, _ := smallTask(t)
	const note = "another backend or number of devices"
	for _, c := range []struct {
		model *Model
		notes bool
	}{{smallCNN(), true}, {SoftmaxRegression(), false}} {
		training := Training{Epochs: 1, Run: t.TempDir() + "/run", Seed: 4}
		var losses []float32
		for epochs := 1; epochs <= 3; epochs++ {
			useDevices(t, []int{2, 2, 1}[epochs-1])
			var lines bytes.Buffer
			training.Epochs, training.Output = epochs, &lines
			history, err := initialised(t, c.model).Fit(train, training)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Contains(lines.String(), note), c.notes && epochs == 3; got != want {
				t.Errorf("%s, epoch %d: %q, says %q: %v, want %v", c.model.Name(), epochs, lines.String(), note, got, want)
			}
			if got, want := strings.Contains(lines.String(), "; 2 devices\n"), c.notes && epochs < 3; got != want {
				t.Errorf("%s, epoch %d: %q, says that it uses 2 devices: %v, want %v", c.model.Name(), epochs, lines.String(), got, want)
			}
			losses = history.StepLosses
		}
		useDevices(t, 1)
		want, err := initialised(t, c.model).Fit(train, Training{Epochs: 3, Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			wantClose(t, "loss", float64(losses[i]), float64(want.StepLosses[i]), 1e-3)
		}
	}
}

func TestFashionDevicesSetsTheNumberOfDevices(t *testing.T) {
	cpu := min(runtime.GOMAXPROCS(0), mostDevices)
	for _, c := range []struct {
		asked, config string
		want          int // 0: an error
	}{
		{"", "xla:cpu", cpu},
		{"", "xla:/a/pjrt_c_api_cpu_plugin.so,shared_buffers", cpu},
		{"", "xla:cuda", 1},
		{"", "xla:/a/pjrt_c_api_cuda_plugin.so", 1},
		{"", "go", 1},
		{"3", "xla:cpu", 3},
		{"3", "xla:cuda", 3},
		{"3", "go", 1},
		{"0", "xla:cpu", 0},
		{"-1", "xla:cpu", 0},
		{"two", "xla:cpu", 0},
		{"1.5", "xla:cpu", 0},
		{"two", "go", 1},
	} {
		t.Setenv(devicesVariable, c.asked)
		got, err := chooseDevices(c.config)
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%s=%q, %s: %d devices (error %v), want %d", devicesVariable, c.asked, c.config, got, err, c.want)
		}
		if err != nil && (!strings.Contains(err.Error(), devicesVariable) || !strings.Contains(err.Error(), c.asked)) {
			t.Errorf("%q names neither the variable nor its value %q", err, c.asked)
		}
	}
	if err := checkDevices(1, 2); err == nil || !strings.Contains(err.Error(), devicesVariable) {
		t.Errorf("two devices of a backend with one: error %v, want one with %s", err, devicesVariable)
	}
	if err := checkDevices(2, 2); err != nil {
		t.Error(err)
	}
}

func TestTheGoBackendSaysThatFashionDevicesHasNoEffect(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	for asked, want := range map[string]bool{"": false, "2": true} {
		t.Setenv(devicesVariable, asked)
		if line := ChooseBackend().String(); strings.Contains(line, devicesVariable+" has no effect") != want {
			t.Errorf("%s=%q: %q, names the variable: want %v", devicesVariable, asked, line, want)
		}
	}
}
