package fashion

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/flock"
	"fashionlab/fashion/internal/userpath"
)

// A run is the folder in which a training is saved:
//
//	config.json             the settings; written once
//	checkpoint.safetensors  weights, optimizer state, history and position;
//	                        replaced as a whole after each epoch and when a
//	                        training is interrupted
//	lock                    locked while a process trains
//
// The random numbers of a training are functions of its seed, the epoch and
// the step, so the position is the only random state.
const (
	runConfigFile     = "config.json"
	runCheckpointFile = "checkpoint.safetensors"
	runLockFile       = "lock"
	runVersion        = 1
)

// ErrRunBusy is the error of a training into a run that another process is training.
var ErrRunBusy = errors.New("the run is being trained by another process")

// RunConfig holds the settings of a run. A training continues a run only if all
// settings except Notes are equal.
type RunConfig struct {
	Version int `json:"version"`
	// Model is the model's name, Structure its String.
	Model     string `json:"model"`
	Structure string `json:"structure"`
	// Layers is the model's description, from which Network(nil) makes the model.
	// It is empty for a model with a GraphLayer.
	Layers json.RawMessage `json:"layers,omitempty"`
	// Optimizer and BatchSize as in Training and Loader.
	Optimizer Optimizer `json:"optimizer"`
	BatchSize int       `json:"batch_size"`
	// Augment as in Training.
	Augment []Augmentation `json:"augment,omitempty"`
	// Seed seeds the dropout masks and the augmentation.
	Seed uint64 `json:"seed"`
	// Schedule, LabelSmoothing, ClipNorm, ClipValue, EMA, KeepBest, Patience, MinDelta and
	// Monitor as in Training.
	Schedule       Schedule `json:"schedule,omitzero"`
	LabelSmoothing float64  `json:"label_smoothing,omitempty"`
	ClipNorm       float64  `json:"clip_norm,omitempty"`
	ClipValue      float64  `json:"clip_value,omitempty"`
	EMA            EMA      `json:"ema,omitzero"`
	KeepBest       bool     `json:"keep_best,omitempty"`
	Patience       int      `json:"patience,omitempty"`
	MinDelta       float64  `json:"min_delta,omitempty"`
	Monitor        Measure  `json:"monitor,omitempty"`
	// TotalSteps is the number of steps of the whole training if a setting depends on it,
	// such as a schedule, else 0. Such a training cannot be prolonged.
	TotalSteps int `json:"total_steps,omitempty"`
	// Images, Order and Initial are SHA-256 sums of the data set, of the order of
	// its images in the first two epochs, and of the initial weights.
	Images  string `json:"images"`
	Order   string `json:"order"`
	Initial string `json:"initial"`
	// Validation is the sum of the order of the validation images; "" without
	// validation.
	Validation string `json:"validation"`
	// Imported is true if the initial weights came from a file; see SaveRun.
	Imported bool `json:"imported,omitempty"`
	// Notes holds arbitrary text from the caller.
	Notes map[string]string `json:"notes,omitempty"`
}

// Training returns the settings of the training, which Fit takes. It has none for the number of epochs,
// the validation and the output.
func (c RunConfig) Training() Training {
	return Training{
		Optimizer: c.Optimizer, Augment: c.Augment, Seed: c.Seed, Schedule: c.Schedule, LabelSmoothing: c.LabelSmoothing,
		ClipNorm: c.ClipNorm, ClipValue: c.ClipValue, EMA: c.EMA,
		KeepBest: c.KeepBest, Patience: c.Patience, MinDelta: c.MinDelta, Monitor: c.Monitor,
	}
}

// Run is an opened run.
type Run struct {
	// Dir is its folder.
	Dir string
	// Config holds the settings.
	Config RunConfig
	// History is the history recorded so far.
	History *History

	weights *Weights
	slots   []*Tensor
	// averages are those of an EMA, best the result after the best epoch; each may be nil.
	averages, best *Weights
	// step counts all completed steps, including those of an unfinished epoch.
	step int
}

// runDir returns the folder of a run; see OpenRun.
func runDir(name string) string {
	if !strings.ContainsAny(name, `/\`) && name != "~" {
		root := os.Getenv("FASHION_RUNS")
		if root == "" {
			root = "runs"
		}
		name = filepath.Join(root, name)
	}
	if expanded, err := userpath.Expand(name); err == nil {
		return expanded
	}
	return name // OpenRun and lockRun report it
}

// OpenRun reads a run. A name without a slash is a folder in FASHION_RUNS, or in the
// folder "runs" if that is not set; any other name is a path. "~/" at the start of either
// is the user's home folder. A run can be opened while another process trains it; the
// result is the last checkpoint. A run that does not exist is an error that wraps
// [io/fs.ErrNotExist].
func OpenRun(name string) (*Run, error) {
	dir, err := userpath.Expand(runDir(name))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, runConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no run in %s (%s: %w); train first, or name another folder", dir, runConfigFile, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	r := &Run{Dir: dir, History: &History{}}
	if err := json.Unmarshal(text, &r.Config); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; remove the folder to train again from the start", filepath.Join(dir, runConfigFile), err)
	}
	if r.Config.Version != runVersion {
		return nil, fmt.Errorf("run %s: version %d, want version %d, which this program reads", dir, r.Config.Version, runVersion)
	}
	if err := r.readCheckpoint(); err != nil {
		return nil, err
	}
	return r, nil
}

// last returns the weights after the last step, averaged if the training has an EMA.
func (r *Run) last() *Weights {
	if r.averages != nil {
		return r.averages
	}
	return r.weights
}

// result returns the weights that the training gives: those of the best epoch with KeepBest, else
// the last ones.
func (r *Run) result() *Weights {
	if r.best != nil {
		return r.best
	}
	return r.last()
}

// ResultEpoch returns the epoch whose weights the training gives, those of Network after whole epochs:
// the best one with KeepBest, else the last. ok is false if no epoch is recorded.
func (r *Run) ResultEpoch() (result EpochResult, ok bool) {
	if best, ok := r.History.Best(r.Config.Monitor); ok && r.Config.KeepBest {
		return best, true
	}
	n := len(r.History.Epochs)
	if n == 0 {
		return EpochResult{}, false
	}
	return r.History.Epochs[n-1], true
}

// Network returns the network with the run's trained weights: those after the last step, their
// average if the training has an EMA, and those of the best epoch with KeepBest. model may be nil if all
// its layers are types of this package other than GraphLayer. A model with a GraphLayer
// must be the same as in the training. A run without a checkpoint is an error.
func (r *Run) Network(model *Model) (*Network, error) {
	if model == nil {
		var err error
		if model, err = r.model(); err != nil {
			return nil, fmt.Errorf("run %s: %w", r.Dir, err)
		}
	}
	if r.weights == nil {
		return nil, fmt.Errorf("run %s has no checkpoint; its training has not completed an epoch yet", r.Dir)
	}
	net, err := model.WithWeights(r.result().Clone())
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	return net, nil
}

// model returns the run's model from its description, or by its name.
func (r *Run) model() (*Model, error) {
	if len(r.Config.Layers) > 0 {
		return describedModel(r.Config.Layers)
	}
	model, err := ModelByName(r.Config.Model)
	if err != nil {
		return nil, fmt.Errorf("the model %s has a layer that is defined in the program which trained it; open the run there, and pass the model to Network", r.Config.Model)
	}
	return model, nil
}

// Steps returns the number of completed training steps.
func (r *Run) Steps() int { return r.step }

// tryLock is flock.TryLock. Tests replace it to imitate file systems without locks.
var tryLock = flock.TryLock

// lockRun makes the folder and locks it; unlock releases the lock. If the file
// system does not support locks, there is no lock, and warning is not empty.
func lockRun(dir string) (unlock func(), warning string, err error) {
	if dir, err = userpath.Expand(dir); err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, "", fmt.Errorf("make the run's folder: %w", err)
	}
	unlock, err = tryLock(filepath.Join(dir, runLockFile))
	switch {
	case errors.Is(err, flock.ErrUnsupported):
		return func() {}, fmt.Sprintf("%s: %v; do not train this run in two programs at the same time", dir, err), nil
	case errors.Is(err, flock.ErrLocked):
		return nil, "", fmt.Errorf("%s: %w; wait for it, stop it, or train into another folder", dir, ErrRunBusy)
	case err != nil:
		return nil, "", fmt.Errorf("lock run %s: %w; train into a folder that you may write to", dir, err)
	}
	return unlock, "", nil
}

// startRun opens the run for a training, or makes it. The caller holds its lock.
func startRun(dir string, config RunConfig, model *Model) (*Run, error) {
	path := filepath.Join(dir, runConfigFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, runCheckpointFile)); err == nil {
			return nil, fmt.Errorf("%s has a checkpoint but no %s; remove the folder to train again from the start", dir, runConfigFile)
		}
		r := &Run{Dir: dir, Config: config, History: &History{}}
		return r, r.writeConfig()
	}
	r, err := OpenRun(dir + string(filepath.Separator))
	if err != nil {
		return nil, err
	}
	r.Dir = dir
	// A process that was killed during a write has left its temporary file.
	atomicfile.RemoveLeftovers(dir, 0, func(name string) bool { return name == runConfigFile || name == runCheckpointFile })
	if r.untrained() {
		// The first training of imported weights fixes the settings.
		if err := r.weights.check(model); err != nil {
			return nil, fmt.Errorf("run %s: %w", dir, err)
		}
		config.Imported = true
		r.Config = config
		return r, r.writeConfig()
	}
	return r, r.checkSettings(config)
}

// untrained reports whether the run holds imported weights and no training yet.
func (r *Run) untrained() bool { return r.Config.Imported && r.step == 0 }

// checkSettings returns an error if the run was made with other settings.
func (r *Run) checkSettings(config RunConfig) error {
	if difference := r.Config.difference(config); difference != "" {
		return fmt.Errorf("run %s was made with other settings: %s; train into another folder, or remove this one to train again from the start", r.Dir, difference)
	}
	return nil
}

// writeConfig writes the run's configuration.
func (r *Run) writeConfig() error {
	text, err := json.MarshalIndent(r.Config, "", "  ")
	if err != nil {
		return fmt.Errorf("run %s: %w", r.Dir, err)
	}
	if err := atomicfile.Write(filepath.Join(r.Dir, runConfigFile), append(text, '\n')); err != nil {
		return fmt.Errorf("make run %s: %w", r.Dir, err)
	}
	return nil
}

// SaveRun saves the network's weights, for example those of a PyTorch model, in a new
// run without any training. A Fit into this run starts with these weights. A run that
// exists is an error.
func (n *Network) SaveRun(name string, notes map[string]string) (*Run, error) {
	if err := n.Weights.check(n.Model); err != nil {
		return nil, err
	}
	dir := runDir(name)
	unlock, _, err := lockRun(dir) // without locks this is safe too: no other process uses a new run
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(dir, runConfigFile)); err == nil {
		return nil, fmt.Errorf("a run exists in %s; name another folder, or remove this one", dir)
	}
	r := &Run{
		Dir: dir, History: &History{}, weights: n.Weights,
		Config: RunConfig{Version: runVersion, Model: n.Model.Name(), Structure: n.Model.String(), Layers: n.Model.describe(), Imported: true, Notes: notes},
	}
	if err := r.writeCheckpoint(integerNames(n.Model)); err != nil {
		return nil, err
	}
	return r, r.writeConfig()
}

// difference describes the first setting in which two configurations differ.
func (c RunConfig) difference(other RunConfig) string {
	for _, s := range []struct{ name, was, is string }{
		{"model", c.Model, other.Model},
		{"layers", c.Structure, other.Structure},
		{"optimizer", c.Optimizer.String(), other.Optimizer.String()},
		{"batch size", fmt.Sprint(c.BatchSize), fmt.Sprint(other.BatchSize)},
		{"augmentation", augmentationText(c.Augment), augmentationText(other.Augment)},
		{"seed", fmt.Sprint(c.Seed), fmt.Sprint(other.Seed)},
		{"images", c.Images, other.Images},
		{"order of the images", c.Order, other.Order},
		{"first weights", c.Initial, other.Initial},
		{"validation images", c.Validation, other.Validation},
		{"schedule", c.Schedule.String(), other.Schedule.String()},
		{"label smoothing", fmt.Sprint(c.LabelSmoothing), fmt.Sprint(other.LabelSmoothing)},
		{"clipping of gradients", fmt.Sprint(c.ClipNorm, c.ClipValue), fmt.Sprint(other.ClipNorm, other.ClipValue)},
		{"average of weights", c.EMA.String(), other.EMA.String()},
		{"number of steps of the whole training", fmt.Sprint(c.TotalSteps), fmt.Sprint(other.TotalSteps)},
		{"keeping the best epoch", fmt.Sprint(c.KeepBest, c.Monitor), fmt.Sprint(other.KeepBest, other.Monitor)},
		{"early stopping", fmt.Sprint(c.Patience, c.MinDelta), fmt.Sprint(other.Patience, other.MinDelta)},
	} {
		if s.name == "first weights" && c.Imported {
			continue
		}
		if s.was != s.is {
			return fmt.Sprintf("%s %s, want %s", s.name, s.was, s.is)
		}
	}
	return ""
}

// sumOfImages returns a hash of a data set.
func sumOfImages(d *Dataset) string {
	sum := sha256.New()
	sum.Write(d.Images)
	sum.Write(d.Labels)
	return hex.EncodeToString(sum.Sum(nil))
}

// sumOfOrder returns a hash of a loader's images and their order.
func sumOfOrder(l *Loader) string {
	sum := sha256.New()
	for epoch := range 2 {
		_ = binary.Write(sum, binary.LittleEndian, l.Order(epoch)) // writing to a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// sumOfWeights returns a hash of weights.
func sumOfWeights(w *Weights) string {
	sum := sha256.New()
	for _, name := range w.Names() {
		t, _ := w.Get(name)
		sum.Write([]byte(name))
		_ = binary.Write(sum, binary.LittleEndian, t.Data) // writing to a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Runs opens all runs in FASHION_RUNS, or in the folder "runs" if that is not set, in
// the order of their names. If the folder does not exist there are no runs. A run that
// cannot be read is an error.
func Runs() ([]*Run, error) { return RunsIn(filepath.Dir(runDir("x"))) }

// RunsIn is Runs for another folder, such as that of a sweep.
func RunsIn(dir string) ([]*Run, error) {
	root, err := userpath.Expand(dir)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	var runs []*Run
	for _, entry := range entries {
		dir := filepath.Join(root, entry.Name())
		if _, err := os.Stat(filepath.Join(dir, runConfigFile)); err != nil {
			continue // no run, or one that another process is making
		}
		run, err := OpenRun(dir + string(filepath.Separator))
		if err != nil {
			return nil, fmt.Errorf("list the runs: %w", err)
		}
		run.Dir = dir
		runs = append(runs, run)
	}
	return runs, nil
}

// Name returns the name of the run's folder.
func (r *Run) Name() string { return filepath.Base(r.Dir) }
