package fashion

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// LayerSummary is one row of a model's Summary.
type LayerSummary struct {
	// Name is the layer's name in the model, such as "conv1.0".
	Name string `json:"name"`
	// Kind is the PyTorch class, such as "Conv2d".
	Kind string `json:"kind"`
	// OutputShape is the shape of one sample's output, without the batch axis.
	OutputShape []int `json:"output"`
	// Parameters is the number of trainable values.
	Parameters int `json:"parameters"`
	// Frozen is the number of values that are parameters and are not trained.
	Frozen int `json:"frozen,omitempty"`
}

// Summary is a table of a model's layers.
type Summary struct {
	Model      string         `json:"model"`
	Parameters int            `json:"parameters"`
	Frozen     int            `json:"frozen,omitempty"`
	Layers     []LayerSummary `json:"layers"`
}

// maxValues limits the number of values in a layer's output for one image, and the number
// of parameters of a described model. It prevents overflows, and is more than fits into memory.
const maxValues = 1 << 28

// inputShape returns the shape of one image in PyTorch's order.
func inputShape() []int { return []int{1, ImageHeight, ImageWidth} }

// Summary computes the output shape and the number of parameters of each layer, without
// compiling anything. A layer that does not fit the one before it, a last layer that does
// not give 10 logits, and a name that is empty or occurs twice are errors.
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
		output, err := outputOf(st.layer, shape)
		if err != nil {
			return nil, fmt.Errorf("model %s, layer %s: %w", m.name, name, err)
		}
		row := LayerSummary{Name: name, Kind: st.layer.Kind(), OutputShape: output}
		for _, p := range st.layer.Parameters() {
			switch {
			case p.Trainable:
				row.Parameters += sizeOf(p.Shape)
			case p.Frozen:
				row.Frozen += sizeOf(p.Shape)
			}
		}
		s.Layers = append(s.Layers, row)
		s.Frozen += row.Frozen
		shape = output
	}
	if len(shape) != 1 || shape[0] != NumClasses {
		return nil, fmt.Errorf("model %s: the last layer gives shape %v, want [%d]: one logit for each class", m.name, shape, NumClasses)
	}
	return s, nil
}

// outputOf returns a layer's OutputShape, or an error if it has too many values.
func outputOf(layer Layer, input []int) ([]int, error) {
	output, err := layer.OutputShape(input)
	if err != nil {
		return nil, err
	}
	values := 1.0
	for _, n := range output {
		values *= float64(n)
	}
	if values > maxValues {
		return nil, fmt.Errorf("an output of shape %v for an image, %.0f values, want at most %d", output, values, maxValues)
	}
	return output, nil
}

// check returns the error of Summary.
func (m *Model) check() error {
	_, err := m.Summary()
	return err
}

// String returns the table, and below it the total number of parameters. If some are frozen,
// it has a column for their number.
func (s *Summary) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	frozen := func(count string) string {
		if s.Frozen == 0 {
			return ""
		}
		return "\t" + count
	}
	fmt.Fprintf(w, "layer\tkind\toutput\tparameters%s\n", frozen("frozen"))
	for _, l := range s.Layers {
		dims := make([]string, len(l.OutputShape))
		for i, d := range l.OutputShape {
			dims[i] = fmt.Sprint(d)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s%s\n", l.Name, l.Kind, strings.Join(dims, "×"), thousands(l.Parameters), frozen(thousands(l.Frozen)))
	}
	fmt.Fprintf(w, "total\t\t\t%s%s\n", thousands(s.Parameters), frozen(thousands(s.Frozen)))
	_ = w.Flush() // writing to a strings.Builder never fails
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
