package fashion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// Weights holds the named tensors of a network: its trainable parameters and the running
// statistics of batch norm. Names, shapes and order are those of the PyTorch state dict of
// the same model, for example "conv1.0.weight" with shape [16 1 5 5] (output channels,
// input channels, kernel height, kernel width). The zero value has no tensors.
type Weights struct {
	names   []string
	tensors map[string]*Tensor
}

// Set stores a tensor under a name, without copying it. A new name comes after the
// existing ones. An existing name keeps its place and gets the new tensor.
func (w *Weights) Set(name string, t *Tensor) {
	if w.tensors == nil {
		w.tensors = map[string]*Tensor{}
	}
	if _, known := w.tensors[name]; !known {
		w.names = append(w.names, name)
	}
	w.tensors[name] = t
}

// Get returns the tensor with the given name, and whether it exists. The tensor must not be
// changed while a training runs.
func (w *Weights) Get(name string) (*Tensor, bool) {
	t, ok := w.tensors[name]
	return t, ok
}

// Names returns the names in the order in which they were set, which is that of the
// model's layers.
func (w *Weights) Names() []string { return slices.Clone(w.names) }

// Clone returns a copy that shares no memory with w.
func (w *Weights) Clone() *Weights {
	clone := new(Weights)
	for _, name := range w.names {
		clone.Set(name, w.tensors[name].Clone())
	}
	return clone
}

// check returns an error that describes the first difference between the names and shapes
// of w and those of the model.
func (w *Weights) check(model *Model) error {
	parameters := model.Parameters()
	known := map[string]bool{}
	for _, p := range parameters {
		known[p.Name] = true
		t, ok := w.tensors[p.Name]
		if !ok {
			return fmt.Errorf("weights for model %s: %s, want %q among them", model.Name(), w.someNames(), p.Name)
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
			return fmt.Errorf("weights for model %s: %q, want only names of the model", model.Name(), name)
		}
	}
	return nil
}

// someNames lists names for an error message.
func (w *Weights) someNames() string {
	const most = 12 // enough to recognise the naming scheme
	if len(w.names) == 0 {
		return "no tensors"
	}
	if len(w.names) <= most {
		return fmt.Sprintf("the names %q", w.names)
	}
	return fmt.Sprintf("the names %q and %d more", w.names[:most], len(w.names)-most)
}

// withoutPrefix returns the tensors with a common prefix of all names removed, if the
// shortened names are names of the model and only counts are missing. The prefix ends with
// a dot. It is "" if there is no such prefix, or if the names fit unchanged.
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

// addCounts adds the missing counts of batches with the value 0, and returns their number.
// PyTorch does so, too, since only batch norm with momentum=None uses them. It adds none
// if only some are missing.
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

// NotFinite returns the names of the tensors that contain an infinity or NaN, in the order
// of Names.
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

// checkFinite returns an error with the first value that is infinite or NaN, and its
// position.
func (w *Weights) checkFinite() error {
	for _, name := range w.names {
		t := w.tensors[name]
		i := slices.IndexFunc(t.Data, func(v float32) bool { return !isFinite(float64(v)) })
		if i < 0 {
			continue
		}
		return fmt.Errorf("tensor %q: %v at position %v, want finite values; the training diverged, or a value was too large for the type in the file (float16 ends at 65504, float32 at 3.4e38): save finite weights as float32", name, t.Data[i], positionOf(i, t.Shape))
	}
	return nil
}

// positionOf converts an index into a tensor's data to one index for each axis.
func positionOf(i int, shape []int) []int {
	position := make([]int, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		position[axis] = i % shape[axis]
		i /= shape[axis]
	}
	return position
}

// deviceWeights returns the weights as GoMLX tensors, in the model's order.
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
