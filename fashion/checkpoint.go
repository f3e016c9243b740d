package fashion

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/safetensors"
)

// checkpointInfo holds the values of a checkpoint that are not tensors.
type checkpointInfo struct {
	Step    int      `json:"step"`
	Slots   int      `json:"slots"`
	History *History `json:"history"`
}

// Names of tensors in a checkpoint that are not the model's.
const (
	slotPrefix     = "optimizer."
	stepLossesName = "history.step_losses"
	averagePrefix  = "training.average."
	bestPrefix     = "training.best."
)

// writeCheckpoint replaces the run's checkpoint.
func (r *Run) writeCheckpoint(integers map[string]bool) error {
	all := new(Weights)
	for _, name := range r.weights.Names() {
		t, _ := r.weights.Get(name)
		all.Set(name, t)
	}
	for _, extra := range []struct {
		prefix  string
		weights *Weights
	}{{averagePrefix, r.averages}, {bestPrefix, r.best}} {
		if extra.weights == nil {
			continue
		}
		for _, name := range extra.weights.Names() {
			t, _ := extra.weights.Get(name)
			all.Set(extra.prefix+name, t)
		}
	}
	for i, slot := range r.slots {
		all.Set(fmt.Sprintf("%s%d", slotPrefix, i), slot)
	}
	all.Set(stepLossesName, &Tensor{Shape: []int{len(r.History.StepLosses)}, Data: r.History.StepLosses})
	info, err := json.Marshal(checkpointInfo{Step: r.step, Slots: len(r.slots), History: r.History})
	if err != nil {
		return fmt.Errorf("run %s: %w", r.Dir, err)
	}
	file, err := safetensors.Encode(all.tensorList(integers), map[string]string{"run": string(info)})
	if err != nil {
		return fmt.Errorf("run %s: %w", r.Dir, err)
	}
	if err := atomicfile.Write(filepath.Join(r.Dir, runCheckpointFile), file); err != nil {
		return fmt.Errorf("save run %s: %w", r.Dir, err)
	}
	return nil
}

// readCheckpoint fills the run from its checkpoint. A run that was killed
// before its first checkpoint has none, and starts from the beginning.
func (r *Run) readCheckpoint() error {
	path := filepath.Join(r.Dir, runCheckpointFile)
	file, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	tensors, metadata, err := safetensors.Decode(path, file)
	if err != nil {
		return fmt.Errorf("run %s: %w", r.Dir, err)
	}
	bad := func(reason string) error {
		return fmt.Errorf("run %s: %w", r.Dir, &safetensors.Error{Path: path, Reason: reason})
	}
	all := weightsOf(tensors)
	info := checkpointInfo{History: r.History}
	if err := json.Unmarshal([]byte(metadata["run"]), &info); err != nil {
		return bad("it has no metadata of a run: " + err.Error())
	}
	losses, ok := all.Get(stepLossesName)
	if !ok || len(losses.Data) != info.Step {
		return bad("losses of its steps are missing")
	}
	r.step = info.Step
	r.History.StepLosses = losses.Data
	for i := range info.Slots {
		slot, ok := all.Get(fmt.Sprintf("%s%d", slotPrefix, i))
		if !ok {
			return bad("a part of the optimizer's state is missing")
		}
		r.slots = append(r.slots, slot)
	}
	r.weights = new(Weights)
	for _, name := range all.Names() {
		if name == stepLossesName || strings.HasPrefix(name, slotPrefix) {
			continue
		}
		t, _ := all.Get(name)
		if average, ok := strings.CutPrefix(name, averagePrefix); ok {
			r.averages = withTensor(r.averages, average, t)
		} else if best, ok := strings.CutPrefix(name, bestPrefix); ok {
			r.best = withTensor(r.best, best, t)
		} else {
			r.weights.Set(name, t)
		}
	}
	return nil
}

// withTensor sets a tensor of weights, which may be nil.
func withTensor(w *Weights, name string, t *Tensor) *Weights {
	if w == nil {
		w = new(Weights)
	}
	w.Set(name, t)
	return w
}
