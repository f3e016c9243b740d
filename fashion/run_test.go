package fashion

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fashionlab/fashion/internal/safetensors"
	"fashionlab/fashion/internal/testfiles"
)

func trainedRun(t *testing.T, epochs int) (dir string, net *Network) {
	t.Helper()
	train, validation, _ := smallTask(t)
	dir = filepath.Join(t.TempDir(), "run")
	net = initialised(t, smallCNN())
	if _, err := net.Fit(train, Training{Epochs: epochs, Validation: validation, Run: dir}); err != nil {
		t.Fatal(err)
	}
	return dir, net
}

func TestARunGivesBackWhatWasTrained(t *testing.T) {
	useBackend(t, "go")
	dir, net := trainedRun(t, 2)
	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := run.Network(smallCNN())
	if err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(net.Weights, again.Weights); err != nil {
		t.Error(err)
	}
	if len(run.History.Epochs) != 2 || run.Steps() != 20 {
		t.Errorf("%d epochs and %d steps, want 2 and 20", len(run.History.Epochs), run.Steps())
	}
	if _, err := run.Network(CNN()); err == nil {
		t.Error("the weights of one model went into another")
	}
	known, err := run.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	if known.Model.String() != smallCNN().String() {
		t.Errorf("the run's model is %v", known.Model)
	}
}

func TestAFinishedRunIsNotTrainedAgain(t *testing.T) {
	useBackend(t, "go")
	dir, net := trainedRun(t, 2)
	train, validation, _ := smallTask(t)
	before, err := os.ReadFile(filepath.Join(dir, runCheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	again := initialised(t, smallCNN())
	var output bytes.Buffer
	history, err := again.Fit(train, Training{Epochs: 2, Validation: validation, Run: dir, Output: &output})
	if err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(net.Weights, again.Weights); err != nil {
		t.Error(err)
	}
	if len(history.Epochs) != 2 || !strings.Contains(output.String(), "already holds this training") || !strings.Contains(output.String(), "Epoch [1]") {
		t.Errorf("%d epochs, output %q", len(history.Epochs), output.String())
	}
	after, err := os.ReadFile(filepath.Join(dir, runCheckpointFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the checkpoint was written again")
	}
}

func TestTrainedTellsWhetherFitHasAnythingLeftToDoAndChangesNothing(t *testing.T) {
	useBackend(t, "go")
	dir, net := trainedRun(t, 2)
	train, validation, _ := smallTask(t)
	before := testfiles.Read(t, filepath.Join(dir, runCheckpointFile))
	settings := Training{Epochs: 2, Validation: validation, Run: dir}
	trained := func(change func(*Training)) (*Run, bool, error) {
		changed := settings
		change(&changed)
		return initialised(t, smallCNN()).Trained(train, changed)
	}
	run, complete, err := trained(func(*Training) {})
	if err != nil || !complete {
		t.Fatalf("a finished run: complete %v, error %v", complete, err)
	}
	if err := sameWeights(net.Weights, run.weights); err != nil {
		t.Error(err)
	}
	if _, complete, err := trained(func(s *Training) { s.Epochs = 3 }); err != nil || complete {
		t.Errorf("one epoch more: complete %v, error %v", complete, err)
	}
	for says, change := range map[string]func(*Training){
		"other settings: optimizer": func(s *Training) { s.Optimizer = SGD(0.1) },
		"already has 2 epochs":      func(s *Training) { s.Epochs = 1 },
		"no Run":                    func(s *Training) { s.Run = "" },
		"fit: -1 epochs":            func(s *Training) { s.Epochs = -1 },
	} {
		if _, _, err := trained(change); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %q", err, says)
		}
	}
	none := filepath.Join(t.TempDir(), "none")
	if _, _, err := trained(func(s *Training) { s.Run = none }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no run: error %v", err)
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("it made a folder")
	}
	if !bytes.Equal(before, testfiles.Read(t, filepath.Join(dir, runCheckpointFile))) {
		t.Error("it changed the checkpoint")
	}
	imported := filepath.Join(t.TempDir(), "imported")
	if _, err := net.SaveRun(imported, nil); err != nil {
		t.Fatal(err)
	}
	if _, complete, err := trained(func(s *Training) { s.Run = imported }); err != nil || complete {
		t.Errorf("imported weights: complete %v, error %v", complete, err)
	}
}

func TestMoreEpochsContinueARun(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	straight := initialised(t, smallCNN())
	if _, err := straight.Fit(train, Training{Epochs: 3, Validation: validation}); err != nil {
		t.Fatal(err)
	}
	dir, _ := trainedRun(t, 1)
	longer := initialised(t, smallCNN())
	if _, err := longer.Fit(train, Training{Epochs: 3, Validation: validation, Run: dir}); err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(straight.Weights, longer.Weights); err != nil {
		t.Error(err)
	}
	_, err := initialised(t, smallCNN()).Fit(train, Training{Epochs: 2, Validation: validation, Run: dir})
	if err == nil || !strings.Contains(err.Error(), "already has 3 epochs") {
		t.Errorf("fewer epochs than were trained: error %v", err)
	}
}

func TestOtherSettingsDoNotTouchARun(t *testing.T) {
	useBackend(t, "go")
	dir, _ := trainedRun(t, 1)
	train, validation, _ := smallTask(t)
	before, err := os.ReadFile(filepath.Join(dir, runConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewLoader(train.Subset(), 64, Shuffle(6))
	if err != nil {
		t.Fatal(err)
	}
	for what, fit := range map[string]func() error{
		"optimizer": func() error {
			_, err := initialised(t, smallCNN()).Fit(train, Training{Optimizer: SGD(0.1), Validation: validation, Run: dir})
			return err
		},
		"order of the images": func() error {
			_, err := initialised(t, smallCNN()).Fit(other, Training{Validation: validation, Run: dir})
			return err
		},
		"model": func() error {
			_, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Validation: validation, Run: dir})
			return err
		},
		"seed": func() error {
			_, err := initialised(t, smallCNN()).Fit(train, Training{Seed: 1, Validation: validation, Run: dir})
			return err
		},
	} {
		if err := fit(); err == nil || !strings.Contains(err.Error(), "with other settings: "+what) {
			t.Errorf("another %s: error %v", what, err)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, runConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the configuration changed")
	}
}

func TestTwoTrainingsOfARunExcludeEachOther(t *testing.T) {
	useBackend(t, "go")
	dir, _ := trainedRun(t, 1)
	unlock, _, err := lockRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	train, validation, _ := smallTask(t)
	_, err = initialised(t, smallCNN()).Fit(train, Training{Epochs: 2, Validation: validation, Run: dir})
	if !errors.Is(err, ErrRunBusy) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v, want ErrRunBusy with the folder", err)
	}
	if _, err := OpenRun(dir); err != nil {
		t.Errorf("a run that is being trained cannot be read: %v", err)
	}
	unlock()
	if _, err := initialised(t, smallCNN()).Fit(train, Training{Epochs: 2, Validation: validation, Run: dir}); err != nil {
		t.Errorf("after the other training ended: %v", err)
	}
}

func TestADamagedCheckpointIsReported(t *testing.T) {
	useBackend(t, "go")
	dir, _ := trainedRun(t, 1)
	path := filepath.Join(dir, runCheckpointFile)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"empty":     {},
		"cut":       good[:len(good)/2],
		"longer":    append(slices.Clone(good), 1, 2, 3),
		"not ours":  []byte(strings.Repeat("x", 100)),
		"huge head": append([]byte{0, 0, 0, 0, 0, 0, 0, 0x7f}, good[8:]...),
	} {
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := OpenRun(dir)
		var format *safetensors.Error
		if !errors.As(err, &format) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want a safetensors.Error with the path", name, err)
		}
	}
}

func TestOpenRunWithoutARunIsAnError(t *testing.T) {
	_, err := OpenRun(filepath.Join(t.TempDir(), "nothing"))
	if err == nil || !strings.Contains(err.Error(), "train first") {
		t.Errorf("error %v", err)
	}
}

func TestRunDirUsesTheEnvironmentForPlainNames(t *testing.T) {
	t.Setenv("FASHION_RUNS", "elsewhere")
	if got := runDir("softmax"); got != filepath.Join("elsewhere", "softmax") {
		t.Errorf("runDir(softmax) = %q", got)
	}
	if got := runDir("./softmax"); got != "./softmax" {
		t.Errorf("runDir(./softmax) = %q", got)
	}
}

// TestMain trains if this is a child process, which the tests kill. XLA has two devices in the
// tests of this package.
func TestMain(m *testing.M) {
	if dir := os.Getenv("FASHION_TEST_CHILD"); dir != "" {
		os.Exit(trainInChild(dir))
	}
	if os.Getenv(devicesVariable) == "" {
		os.Setenv(devicesVariable, "2") // on machines with one core, too
	}
	os.Exit(m.Run())
}

// childTraining is what the killed processes train: long enough to be killed
// in the middle, with a checkpoint every few milliseconds.
func childTraining(dir string) (*Network, *History, error) {
	data, err := Synthetic(7, 300, 1)
	if err != nil {
		return nil, nil, err
	}
	loader, err := NewLoader(data.Train.All(), 64, Shuffle(5))
	if err != nil {
		return nil, nil, err
	}
	net, err := SoftmaxRegression().Init(11)
	if err != nil {
		return nil, nil, err
	}
	history, err := net.Fit(loader, Training{Epochs: 60, Optimizer: Adam(0.001), Run: dir})
	return net, history, err
}

func trainInChild(dir string) int {
	if err := UseBackend("go"); err != nil {
		return 1
	}
	if _, _, err := childTraining(dir); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}

// testSeed is a different number in each test run. A failed test prints it. Set
// $FASHION_TEST_SEED to it, to repeat the test with the same random numbers.
func testSeed(t *testing.T) uint64 {
	t.Helper()
	const variable = "FASHION_TEST_SEED"
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv(variable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("$%s: %v", variable, err)
		}
	}
	t.Logf("%s=%d repeats the random numbers of this test", variable, seed)
	return seed
}

func TestARunSurvivesKillAtRandomMoments(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	useBackend(t, "go")
	want, wantHistory, err := childTraining("")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "killed")
	random := rand.New(rand.NewPCG(testSeed(t), 0)) // other moments in each test run
	kills := 0
	// Each child lives longer than the one before, so that one finishes even on a
	// slow machine.
	for longest := 250 * time.Millisecond; ; longest += longest / 8 {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "FASHION_TEST_CHILD="+dir)
		var stderr bytes.Buffer
		child.Stderr = &stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		moment := time.AfterFunc(40*time.Millisecond+time.Duration(random.Int64N(int64(longest))), func() { _ = child.Process.Kill() })
		err := child.Wait()
		moment.Stop()
		if err == nil {
			break
		}
		if stderr.Len() > 0 {
			t.Fatalf("after %d kills the run could not go on: %s", kills, stderr.String())
		}
		kills++
	}
	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	net, err := run.Network(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(want.Weights, net.Weights); err != nil {
		t.Errorf("after %d kills: %v", kills, err)
	}
	if !slices.Equal(wantHistory.StepLosses, run.History.StepLosses) {
		t.Errorf("after %d kills the losses differ", kills)
	}
	leftovers, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	if err != nil {
		t.Fatal(err)
	}
	if len(leftovers) > 0 {
		t.Errorf("unfinished files stayed behind: %v", leftovers)
	}
	t.Logf("killed %d times", kills)
}

func TestImportedWeightsAreTrainedOnWithEveryOptimizer(t *testing.T) {
	useBackend(t, "go")
	train, validation, _ := smallTask(t)
	for _, optimizer := range []Optimizer{SGD(0.01), Adam(0.01)} {
		for _, model := range []*Model{SoftmaxRegression(), smallCNN()} {
			t.Run(optimizer.String()+" "+model.Name(), func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "run")
				if _, err := initialised(t, model).SaveRun(dir, nil); err != nil {
					t.Fatal(err)
				}
				// What training from these weights gives without a run.
				straight := initialised(t, model)
				if _, err := straight.Fit(train, Training{Epochs: 2, Optimizer: optimizer, Validation: validation}); err != nil {
					t.Fatal(err)
				}
				imported, err := model.Init(99) // whose weights the run's replace
				if err != nil {
					t.Fatal(err)
				}
				for epochs := 1; epochs <= 2; epochs++ {
					if _, err := imported.Fit(train, Training{Epochs: epochs, Optimizer: optimizer, Validation: validation, Run: dir}); err != nil {
						t.Fatal(err)
					}
				}
				if err := sameWeights(straight.Weights, imported.Weights); err != nil {
					t.Error(err)
				}
				other := SGD(0.5)
				if optimizer.Name == other.Name {
					other = Adam(0.5)
				}
				_, err = initialised(t, model).Fit(train, Training{Epochs: 3, Optimizer: other, Validation: validation, Run: dir})
				if err == nil || !strings.Contains(err.Error(), "optimizer "+optimizer.String()) {
					t.Errorf("another optimizer: error %v", err)
				}
			})
		}
	}
}

func TestAFirstTrainingThatFailsDoesNotBindImportedWeights(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := initialised(t, SoftmaxRegression()).SaveRun(dir, nil); err != nil {
		t.Fatal(err)
	}
	before := testfiles.Read(t, filepath.Join(dir, runConfigFile))
	if _, err := initialised(t, smallCNN()).Fit(train, Training{Epochs: 1, Run: dir}); err == nil || !strings.Contains(err.Error(), "weights for model") {
		t.Errorf("another model: error %v", err)
	}
	if !bytes.Equal(before, testfiles.Read(t, filepath.Join(dir, runConfigFile))) {
		t.Error("a model that does not fit changed the run")
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := initialised(t, SoftmaxRegression()).FitContext(stopped, train, Training{Epochs: 1, Optimizer: Adam(0.5), Run: dir}); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("error %v", err)
	}
	if _, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 1, Optimizer: SGD(0.01), Run: dir}); err != nil {
		t.Errorf("another optimizer before the first step: %v", err)
	}
}

func TestAStateOfAnotherOptimizerIsReported(t *testing.T) {
	useBackend(t, "go")
	dir, _ := trainedRun(t, 1)
	run, err := OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	train, validation, _ := smallTask(t)
	for _, slots := range [][]*Tensor{nil, run.slots[:1]} {
		run.slots = slots
		if err := run.writeCheckpoint(nil); err != nil {
			t.Fatal(err)
		}
		_, err = initialised(t, smallCNN()).Fit(train, Training{Epochs: 2, Validation: validation, Run: dir})
		if err == nil || !strings.Contains(err.Error(), "the state of another optimizer") {
			t.Errorf("%d slots: error %v", len(slots), err)
		}
	}
}

func TestTrainingIntoAFolderKeepsWhatIsThere(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	dir := t.TempDir()
	files := map[string][]byte{"thesis.tmp": []byte("a"), ".thesis-1.tmp": []byte("b"), "notes.txt": []byte("c"), "config.json.1.tmp": []byte("d"), "lock": []byte("e")}
	testfiles.WriteAll(t, dir, files)
	for steps := 1; steps <= 2; steps++ { // into a folder that is no run yet, then into the run
		left := filepath.Join(dir, ".checkpoint.safetensors-77.tmp")
		testfiles.Write(t, left, []byte("half"))
		if _, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Steps: steps, Run: dir}); err != nil {
			t.Fatal(err)
		}
		for name, content := range files {
			if !bytes.Equal(testfiles.Read(t, filepath.Join(dir, name)), content) {
				t.Errorf("%s was changed", name)
			}
		}
		if _, err := os.Stat(left); (err == nil) != (steps == 1) {
			t.Errorf("after training %d: the temporary file of a killed process: %v; want it removed in a run only", steps, err)
		}
	}
}

func TestTildeInTheNamesOfRunsIsTheHomeFolder(t *testing.T) {
	useBackend(t, "go")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(t.TempDir())
	t.Setenv("FASHION_RUNS", "~/my runs")
	for name, want := range map[string]string{
		"softmax": filepath.Join(home, "my runs", "softmax"), "~/a run": filepath.Join(home, "a run"), "./~": "./~", "a~/b": "a~/b",
	} {
		if got := runDir(name); got != want {
			t.Errorf("runDir(%q) = %q, want %q", name, got, want)
		}
	}
	if _, err := initialised(t, SoftmaxRegression()).SaveRun("~/a run", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRun(filepath.Join(home, "a run")); err != nil {
		t.Error(err)
	}
	train, _, _ := smallTask(t)
	for what, open := range map[string]func(name string) error{
		"SaveRun": func(name string) error {
			_, err := initialised(t, SoftmaxRegression()).SaveRun(name, nil)
			return err
		},
		"OpenRun": func(name string) error { _, err := OpenRun(name); return err },
		"Fit": func(name string) error {
			_, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Steps: 1, Run: name})
			return err
		},
	} {
		if err := open("~jana/run"); err == nil || !strings.Contains(err.Error(), "another user") {
			t.Errorf("%s of ~jana/run: error %v", what, err)
		}
	}
	t.Setenv("FASHION_RUNS", "~jana/runs")
	if _, err := Runs(); err == nil || !strings.Contains(err.Error(), "another user") {
		t.Errorf("Runs in ~jana/runs: error %v", err)
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("made %v here", left)
	}
}
