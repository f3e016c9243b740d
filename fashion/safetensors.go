package fashion

import (
	"fmt"
	"io"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/regularfile"
	"fashionlab/fashion/internal/safetensors"
)

// SaveSafetensors writes the network's weights as a PyTorch state dict, which PyTorch
// loads with safetensors.torch.load_file and Module.load_state_dict. The file is
// replaced atomically: after an error the old file is unchanged.
func (n *Network) SaveSafetensors(path string) error {
	if err := n.Weights.check(n.Model); err != nil {
		return err
	}
	file, err := safetensors.Encode(n.Weights.tensorList(integerNames(n.Model)), map[string]string{"format": "pt", "model": n.Model.Name()})
	if err != nil {
		return err
	}
	return atomicfile.Write(path, file)
}

// integerNames returns the names of the parameters that PyTorch stores as int64.
func integerNames(m *Model) map[string]bool {
	names := map[string]bool{}
	for _, p := range m.Parameters() {
		if p.Integer {
			names[p.Name] = true
		}
	}
	return names
}

// tensorList returns the tensors of w for a file. Those named in integers are stored as
// int64.
func (w *Weights) tensorList(integers map[string]bool) []safetensors.Tensor {
	list := make([]safetensors.Tensor, len(w.names))
	for i, name := range w.names {
		t := w.tensors[name]
		list[i] = safetensors.Tensor{Name: name, Shape: t.Shape, Data: t.Data, Integer: integers[name]}
	}
	return list
}

// weightsOf is the inverse of tensorList.
func weightsOf(list []safetensors.Tensor) *Weights {
	w := new(Weights)
	for _, t := range list {
		w.Set(t.Name, &Tensor{Shape: t.Shape, Data: t.Data})
	}
	return w
}

// LoadSafetensors reads a state dict that PyTorch or SaveSafetensors wrote, and returns a
// network of this model. Names and shapes must be those of the model, with two
// exceptions, which are listed in the network's Notes:
//
//   - all names may have one additional prefix, such as "module." from
//     torch.nn.DataParallel or "_orig_mod." from torch.compile;
//   - batch norm's num_batches_tracked may be missing, as in files of old versions of
//     PyTorch and of converters. It is 0 then, as in PyTorch.
//
// A value that is infinite or NaN is an error.
func (m *Model) LoadSafetensors(path string) (*Network, error) {
	opened, _, err := regularfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	file, err := io.ReadAll(opened)
	if err != nil {
		return nil, err
	}
	tensors, _, err := safetensors.Decode(path, file)
	if err != nil {
		return nil, err
	}
	weights := weightsOf(tensors)
	var notes []string
	if without, prefix := weights.withoutPrefix(m); prefix != "" {
		weights = without
		notes = append(notes, fmt.Sprintf("all names in the file begin with %q, which was left out", prefix))
	}
	if n := weights.addCounts(m); n > 0 {
		counts := "counts"
		if n == 1 {
			counts = "count"
		}
		notes = append(notes, fmt.Sprintf("the file lacks %d %s num_batches_tracked, which begin at 0", n, counts))
	}
	net, err := m.WithWeights(weights.ordered(m))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := net.Weights.checkFinite(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	net.Notes = notes
	return net, nil
}

// ordered returns the tensors in the model's order, followed by those that the model
// does not have.
func (w *Weights) ordered(model *Model) *Weights {
	result := new(Weights)
	for _, p := range model.Parameters() {
		if t, ok := w.Get(p.Name); ok {
			result.Set(p.Name, t)
		}
	}
	for _, name := range w.names {
		result.Set(name, w.tensors[name])
	}
	return result
}
