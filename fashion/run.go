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

// A run is the folder in which a training lives:
//
//	config.json             what was asked for; written once
//	checkpoint.safetensors  weights, optimizer state, history and position;
//	                        replaced as a whole after each epoch and when a
//	                        training is interrupted
//	lock                    held while a process trains
//
// The random numbers of a training are functions of its seed, the epoch and
// the step, so that the position is all the random state there is.
const (
	runConfigFile     = "config.json"
	runCheckpointFile = "checkpoint.safetensors"
	runLockFile       = "lock"
	runVersion        = 1
)

// ErrRunBusy is the error of a training whose run another process is training.
var ErrRunBusy = errors.New("the run is being trained by another process")

// RunConfig is what a run was asked for. A training goes on only where all of
// it, Notes aside, is the same.
type RunConfig struct {
	Version int `json:"version"`
	// Model is the model's name, Structure what it prints.
	Model     string `json:"model"`
	Structure string `json:"structure"`
	// Layers describes a model of this package's layers, so that Network(nil)
	// makes it again; empty for one with a layer of another kind.
	Layers json.RawMessage `json:"layers,omitempty"`
	// Optimizer and BatchSize as in Training and Loader.
	Optimizer Optimizer `json:"optimizer"`
	BatchSize int       `json:"batch_size"`
	// Seed is that of dropout.
	Seed uint64 `json:"seed"`
	// Images, Order and Initial are SHA-256 sums of the data set, of the order
	// in which the first epochs visit it, and of the first weights.
	Images  string `json:"images"`
	Order   string `json:"order"`
	Initial string `json:"initial"`
	// Validation is the sum of the validation's order, "" without one.
	Validation string `json:"validation"`
	// Imported says that the first weights came from a file; see SaveRun.
	Imported bool `json:"imported,omitempty"`
	// Notes are the caller's own.
	Notes map[string]string `json:"notes,omitempty"`
}

// Run is an opened run.
type Run struct {
	// Dir is its folder.
	Dir string
	// Config is what was asked for.
	Config RunConfig
	// History is what was recorded so far.
	History *History

	weights *Weights
	slots   []*Tensor
	// step counts all steps done, also those of an unfinished epoch.
	step int
}

// runDir is the folder of a run; see OpenRun.
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
	return name // who opens or makes the run reports it
}

// OpenRun reads a run. A name without a slash lies in $FASHION_RUNS, or in the folder
// "runs" when that is not set; anything else is a path. In both "~/" is the user's home
// folder. A run may be read while
// another process trains it: what one gets is the last checkpoint.
func OpenRun(name string) (*Run, error) {
	dir, err := userpath.Expand(runDir(name))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, runConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no run in %s (no %s): train first, or name another folder: %w", dir, runConfigFile, err)
	}
	if err != nil {
		return nil, err
	}
	r := &Run{Dir: dir, History: &History{}}
	if err := json.Unmarshal(text, &r.Config); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; remove the folder to train anew", filepath.Join(dir, runConfigFile), err)
	}
	if r.Config.Version != runVersion {
		return nil, fmt.Errorf("run %s has version %d, this program reads version %d", dir, r.Config.Version, runVersion)
	}
	if err := r.readCheckpoint(); err != nil {
		return nil, err
	}
	return r, nil
}

// Network returns the run's trained network. The model may be nil if all of its
// layers are this package's; one with a GraphLayer must be given, and must be
// built as it was when it was trained.
func (r *Run) Network(model *Model) (*Network, error) {
	if model == nil {
		var err error
		if model, err = r.model(); err != nil {
			return nil, fmt.Errorf("run %s: %w", r.Dir, err)
		}
	}
	if r.weights == nil {
		return nil, fmt.Errorf("run %s has no checkpoint yet: its training has not ended an epoch", r.Dir)
	}
	net, err := model.WithWeights(r.weights.Clone())
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", r.Dir, err)
	}
	return net, nil
}

// model makes the run's model from its description, or by its name.
func (r *Run) model() (*Model, error) {
	if len(r.Config.Layers) > 0 {
		return describedModel(r.Config.Layers)
	}
	model, err := ModelByName(r.Config.Model)
	if err != nil {
		return nil, fmt.Errorf("the model %s has a layer that only the program which trained it knows; use the run there, and give the model to Network", r.Config.Model)
	}
	return model, nil
}

// Steps is the number of training steps done.
func (r *Run) Steps() int { return r.step }

// tryLock is flock.TryLock. Tests put file systems without locks here.
var tryLock = flock.TryLock

// lockRun makes the folder and takes its lock, which the returned function
// gives back. Where the file system knows no locks it goes on without one, and
// warning says so.
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

// startRun opens or makes the run for a training. The caller holds its lock.
func startRun(dir string, config RunConfig, model *Model) (*Run, error) {
	path := filepath.Join(dir, runConfigFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, runCheckpointFile)); err == nil {
			return nil, fmt.Errorf("%s has a checkpoint but no %s: remove the folder to train anew", dir, runConfigFile)
		}
		r := &Run{Dir: dir, Config: config, History: &History{}}
		return r, r.writeConfig()
	}
	r, err := OpenRun(dir + string(filepath.Separator))
	if err != nil {
		return nil, err
	}
	r.Dir = dir
	// A process that was killed while it wrote leaves its temporary file.
	atomicfile.RemoveLeftovers(dir, 0, func(name string) bool { return name == runConfigFile || name == runCheckpointFile })
	if r.Config.Imported && r.step == 0 {
		// The first training of imported weights fixes the settings.
		if err := r.weights.check(model); err != nil {
			return nil, fmt.Errorf("run %s: %w", dir, err)
		}
		config.Imported = true
		r.Config = config
		return r, r.writeConfig()
	}
	if difference := r.Config.difference(config); difference != "" {
		return nil, fmt.Errorf("run %s was made with other settings: %s; train into another folder, or remove this one to train anew", dir, difference)
	}
	return r, nil
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

// SaveRun makes a new run that holds the network's weights and no training yet,
// such as weights that come from PyTorch. A Fit with its name trains from
// these weights on. It fails when there is a run of that name already.
func (n *Network) SaveRun(name string, notes map[string]string) (*Run, error) {
	if err := n.Weights.check(n.Model); err != nil {
		return nil, err
	}
	dir := runDir(name)
	unlock, _, err := lockRun(dir) // a run that is new is in nobody else's hands
	if err != nil {
		return nil, err
	}
	defer unlock()
	if _, err := os.Stat(filepath.Join(dir, runConfigFile)); err == nil {
		return nil, fmt.Errorf("there is a run in %s already: name another folder, or remove this one", dir)
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

// difference names the first setting in which two configurations differ.
func (c RunConfig) difference(other RunConfig) string {
	for _, s := range []struct{ name, was, is string }{
		{"model", c.Model, other.Model},
		{"layers", c.Structure, other.Structure},
		{"optimizer", c.Optimizer.String(), other.Optimizer.String()},
		{"batch size", fmt.Sprint(c.BatchSize), fmt.Sprint(other.BatchSize)},
		{"seed", fmt.Sprint(c.Seed), fmt.Sprint(other.Seed)},
		{"images", c.Images, other.Images},
		{"order of the images", c.Order, other.Order},
		{"first weights", c.Initial, other.Initial},
		{"validation images", c.Validation, other.Validation},
	} {
		if s.name == "first weights" && c.Imported {
			continue
		}
		if s.was != s.is {
			return fmt.Sprintf("%s was %s, is %s", s.name, s.was, s.is)
		}
	}
	return ""
}

// sumOfImages identifies a data set.
func sumOfImages(d *Dataset) string {
	sum := sha256.New()
	sum.Write(d.Images)
	sum.Write(d.Labels)
	return hex.EncodeToString(sum.Sum(nil))
}

// sumOfOrder identifies what a loader visits, and in which order.
func sumOfOrder(l *Loader) string {
	sum := sha256.New()
	for epoch := range 2 {
		_ = binary.Write(sum, binary.LittleEndian, l.Order(epoch)) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// sumOfWeights identifies weights.
func sumOfWeights(w *Weights) string {
	sum := sha256.New()
	for _, name := range w.Names() {
		t, _ := w.Get(name)
		sum.Write([]byte(name))
		_ = binary.Write(sum, binary.LittleEndian, t.Data) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Runs opens all runs in $FASHION_RUNS, or in the folder "runs" when that is not
// set, in the order of their names. A folder that is not there holds no runs. A run
// that cannot be read is an error.
func Runs() ([]*Run, error) {
	root, err := userpath.Expand(filepath.Dir(runDir("x")))
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
			continue // something else, or a run that is just being made
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

// Name is the name of the run's folder.
func (r *Run) Name() string { return filepath.Base(r.Dir) }
