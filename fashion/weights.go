package fashion

import (
	"fmt"
	"slices"
)

// Weights are the named tensors of a network: its trainable parameters and,
// with batch norm, its running statistics. Names, shapes and order are those
// of the PyTorch state dict of the same model, such as "conv1.0.weight" with
// shape [16 1 5 5] (output channels, input channels, kernel height, width).
type Weights struct {
	names   []string
	tensors map[string]*Tensor
}

// NewWeights returns an empty collection.
func NewWeights() *Weights {
	return &Weights{tensors: map[string]*Tensor{}}
}

// Set stores a tensor under a name, after those that are there already or in
// place of the one with the same name. The tensor is not copied.
func (w *Weights) Set(name string, t *Tensor) {
	if _, known := w.tensors[name]; !known {
		w.names = append(w.names, name)
	}
	w.tensors[name] = t
}

// Get returns the tensor of that name, which must not be changed while a
// training runs, and whether there is one.
func (w *Weights) Get(name string) (*Tensor, bool) {
	t, ok := w.tensors[name]
	return t, ok
}

// Names lists the names in the order of the model's layers.
func (w *Weights) Names() []string { return slices.Clone(w.names) }

// Clone returns a copy that shares no memory with w.
func (w *Weights) Clone() *Weights {
	clone := NewWeights()
	for _, name := range w.names {
		clone.Set(name, w.tensors[name].Clone())
	}
	return clone
}

// check reports the first difference between the names and shapes of w and
// those that the model has.
func (w *Weights) check(model *Model) error {
	parameters := model.Parameters()
	known := map[string]bool{}
	for _, p := range parameters {
		known[p.Name] = true
		t, ok := w.tensors[p.Name]
		if !ok {
			return fmt.Errorf("weights for model %s lack %q; they have %q", model.Name(), p.Name, w.names)
		}
		if !slices.Equal(t.Shape, p.Shape) {
			return fmt.Errorf("weights for model %s: %q has shape %v, want %v", model.Name(), p.Name, t.Shape, p.Shape)
		}
		if len(t.Data) != sizeOf(t.Shape) {
			return fmt.Errorf("weights for model %s: %q has %d values, want %d", model.Name(), p.Name, len(t.Data), sizeOf(t.Shape))
		}
	}
	for _, name := range w.names {
		if !known[name] {
			return fmt.Errorf("weights have %q, which model %s has not", name, model.Name())
		}
	}
	return nil
}
