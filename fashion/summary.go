package fashion

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// LayerSummary is one line of a model's table.
type LayerSummary struct {
	// Name is the layer's place in the model, such as "conv1.0".
	Name string `json:"name"`
	// Kind is the PyTorch class, such as "Conv2d".
	Kind string `json:"kind"`
	// OutputShape is the shape of one sample's output, without the batch axis.
	OutputShape []int `json:"output"`
	// Parameters is the number of trainable values.
	Parameters int `json:"parameters"`
}

// Summary is a table of a model's layers.
type Summary struct {
	Model      string         `json:"model"`
	Parameters int            `json:"parameters"`
	Layers     []LayerSummary `json:"layers"`
}

// inputShape is the shape of one image in PyTorch's order.
func inputShape() []int { return []int{1, ImageHeight, ImageWidth} }

// Summary computes each layer's output shape and number of parameters,
// without compiling anything. It fails when a layer does not fit the one
// before it.
func (m *Model) Summary() (*Summary, error) {
	s := &Summary{Model: m.name, Parameters: m.NumParameters()}
	shape := inputShape()
	names := map[string]bool{}
	for _, c := range m.children {
		if names[c.name] || c.name == "" || strings.Contains(c.name, ".") {
			return nil, fmt.Errorf("model %s: layer name %q is empty, used twice or contains a dot", m.name, c.name)
		}
		names[c.name] = true
		if len(c.layers) == 0 {
			return nil, fmt.Errorf("model %s: block %q has no layers", m.name, c.name)
		}
	}
	for _, st := range m.layers() {
		name := strings.TrimSuffix(st.prefix, ".")
		output, err := st.layer.OutputShape(shape)
		if err != nil {
			return nil, fmt.Errorf("model %s, layer %s: %w", m.name, name, err)
		}
		count := 0
		for _, p := range st.layer.Parameters() {
			if p.Trainable {
				count += sizeOf(p.Shape)
			}
		}
		s.Layers = append(s.Layers, LayerSummary{name, st.layer.Kind(), output, count})
		shape = output
	}
	if len(shape) != 1 || shape[0] != NumClasses {
		return nil, fmt.Errorf("model %s: the last layer gives shape %v, want [%d]: one logit for each class", m.name, shape, NumClasses)
	}
	return s, nil
}

// check reports what Summary would.
func (m *Model) check() error {
	_, err := m.Summary()
	return err
}

// String prints the table, with thousands separated as the sum at its end.
func (s *Summary) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "layer\tkind\toutput\tparameters\n")
	for _, l := range s.Layers {
		dims := make([]string, len(l.OutputShape))
		for i, d := range l.OutputShape {
			dims[i] = fmt.Sprint(d)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Name, l.Kind, strings.Join(dims, "×"), thousands(l.Parameters))
	}
	fmt.Fprintf(w, "total\t\t\t%s\n", thousands(s.Parameters))
	_ = w.Flush() // a strings.Builder takes everything
	return strings.TrimRight(b.String(), "\n")
}

// thousands prints 620746 as 620,746.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
