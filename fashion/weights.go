package fashion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// Weights are the named tensors of a network: its trainable parameters and,
// with batch norm, its running statistics. Names, shapes and order are those
// of the PyTorch state dict of the same model, such as "conv1.0.weight" with
// shape [16 1 5 5] (output channels, input channels, kernel height, width). The zero value
// holds none.
type Weights struct {
	names   []string
	tensors map[string]*Tensor
}

// Set stores a tensor under a name, after those that are there already or in
// place of the one with the same name. The tensor is not copied.
func (w *Weights) Set(name string, t *Tensor) {
	if w.tensors == nil {
		w.tensors = map[string]*Tensor{}
	}
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
	clone := new(Weights)
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
			return fmt.Errorf("weights for model %s lack %q; they have %s", model.Name(), p.Name, w.someNames())
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

// someNames lists the names for an error.
func (w *Weights) someNames() string {
	const most = 12 // enough to see what kind of names they are
	if len(w.names) == 0 {
		return "no tensors at all"
	}
	if len(w.names) <= most {
		return fmt.Sprintf("%q", w.names)
	}
	return fmt.Sprintf("%q and %d more", w.names[:most], len(w.names)-most)
}

// withoutPrefix returns the tensors under names without a prefix that all of them have,
// if the rest of each is a name of the model's and no parameter but a count is missing.
// The prefix ends in a dot. It is "" if there is none or the names fit as they are.
func (w *Weights) withoutPrefix(model *Model) (without *Weights, prefix string) {
	parameters := model.Parameters()
	if len(parameters) == 0 || len(w.names) == 0 {
		return w, ""
	}
	// Some name must end in the first parameter's.
	for _, name := range w.names {
		var found bool
		if prefix, found = strings.CutSuffix(name, "."+parameters[0].Name); found {
			prefix += "."
			break
		}
		prefix = ""
	}
	if prefix == "" {
		return w, ""
	}
	without = new(Weights)
	for _, name := range w.names {
		rest, found := strings.CutPrefix(name, prefix)
		if !found {
			return w, ""
		}
		without.Set(rest, w.tensors[name])
	}
	known := map[string]bool{}
	for _, p := range parameters {
		known[p.Name] = true
		if _, ok := without.tensors[p.Name]; !ok && !p.Integer {
			return w, ""
		}
	}
	for _, name := range without.names {
		if !known[name] {
			return w, ""
		}
	}
	return without, prefix
}

// addCounts adds the counts of batches that are not there, all of them 0, and returns how
// many: PyTorch fills them in as well, since only batch norm with momentum=None uses them.
// It adds none where only some are missing.
func (w *Weights) addCounts(model *Model) int {
	var missing []ParameterSpec
	for _, p := range model.Parameters() {
		if !p.Integer {
			continue
		}
		if _, ok := w.tensors[p.Name]; ok {
			return 0
		}
		missing = append(missing, p)
	}
	for _, p := range missing {
		w.Set(p.Name, NewTensor(p.Shape...))
	}
	return len(missing)
}

// NotFinite names the tensors that hold an infinity or NaN, in the order of Names.
func (w *Weights) NotFinite() []string {
	var names []string
	for _, name := range w.Names() {
		t, _ := w.Get(name)
		for _, x := range t.Data {
			if !isFinite(float64(x)) {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// checkFinite names the first value that is infinite or not a number.
func (w *Weights) checkFinite() error {
	for _, name := range w.names {
		t := w.tensors[name]
		i := slices.IndexFunc(t.Data, func(v float32) bool { return !isFinite(float64(v)) })
		if i < 0 {
			continue
		}
		return fmt.Errorf("tensor %q holds %v at position %v: the training diverged, or a value was too large for the type that it was saved in (float16 ends at 65504, float32 at 3.4e38); save sound weights as float32", name, t.Data[i], positionOf(i, t.Shape))
	}
	return nil
}

// positionOf gives an index into a tensor's data as one for each axis.
func positionOf(i int, shape []int) []int {
	position := make([]int, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		position[axis] = i % shape[axis]
		i /= shape[axis]
	}
	return position
}

// deviceWeights are the weights as tensors for GoMLX, in the model's order.
func (n *Network) deviceWeights() ([]*tensors.Tensor, error) {
	if err := n.Weights.check(n.Model); err != nil {
		return nil, err
	}
	var weights []*tensors.Tensor
	for _, p := range n.Model.Parameters() {
		t, _ := n.Weights.Get(p.Name)
		weights = append(weights, t.toDevice())
	}
	return weights, nil
}
