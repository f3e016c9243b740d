package fashion

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fashionlab/fashion/internal/random"
)

// Model is an architecture: a name and a list of layers. It has no weights; Init
// makes a Network with weights from it.
type Model struct {
	name     string
	children []child
}

// child is a layer of the model, or a block of layers, with its name.
type child struct {
	name   string
	layers []Layer
	block  bool
}

// Part is an argument of NewModel: a Layer, a Block or a Named layer.
type Part interface{ isPart() }

func (child) isPart() {}

// Block groups layers under one name, as nn.Sequential does: the weight of the first
// layer has the name "name.0.weight".
func Block(name string, layers ...Layer) Part {
	return child{name: name, layers: layers, block: true}
}

// Named gives a layer a name: its weight has the name "name.weight".
func Named(name string, layer Layer) Part {
	return child{name: name, layers: []Layer{layer}}
}

// NewModel returns a model of layers, Blocks and Named layers. The name of a layer
// without a name is its position, as in nn.Sequential. NewModel checks nothing:
// Summary, Init and every computation return an error if shapes do not fit, if a part
// is nil or if a name occurs twice.
func NewModel(name string, parts ...Part) *Model {
	m := &Model{name: name}
	for i, part := range parts {
		switch p := part.(type) {
		case child:
			m.children = append(m.children, p)
		case Layer:
			m.children = append(m.children, child{name: strconv.Itoa(i), layers: []Layer{p}})
		default: // nil, or a part of a Residual
			m.children = append(m.children, child{name: strconv.Itoa(i), layers: []Layer{noLayer(p)}})
		}
	}
	return m
}

// noLayer stands for a part that is not a layer: it has no Graph, so OutputShape reports it.
func noLayer(part Part) Layer { return GraphLayer{Name: fmt.Sprintf("%T", part)} }

// Name returns the model's name.
func (m *Model) Name() string { return m.name }

// String returns the structure as PyTorch prints a module.
func (m *Model) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(\n", m.name)
	for _, c := range m.children {
		if !c.block {
			fmt.Fprintf(&b, "  (%s): %s\n", c.name, indented(c.layers[0].String()))
			continue
		}
		fmt.Fprintf(&b, "  (%s): %s\n", c.name, indented(sequential(c.layers)))
	}
	b.WriteString(")")
	return b.String()
}

// sequential returns layers as PyTorch prints an nn.Sequential.
func sequential(layers []Layer) string {
	var b strings.Builder
	b.WriteString("Sequential(\n")
	for i, layer := range layers {
		fmt.Fprintf(&b, "  (%d): %s\n", i, indented(layer.String()))
	}
	return b.String() + ")"
}

// indented indents all lines of a text but the first.
func indented(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

// placedLayer is one layer with the prefix of its parameters' names.
type placedLayer struct {
	prefix string
	layer  Layer
	// last marks the layers of the model's last part.
	last bool
}

// layers lists the layers in the order of computation.
func (m *Model) layers() []placedLayer {
	var layers []placedLayer
	for i, c := range m.children {
		placed := []placedLayer{{prefix: c.name + "."}}
		if c.block {
			placed = placedIn(c.name+".", c.layers)
		} else {
			placed[0].layer = c.layers[0]
		}
		for k := range placed {
			placed[k].last = i == len(m.children)-1
		}
		layers = append(layers, placed...)
	}
	return layers
}

// placedIn gives layers the prefixes that they have in an nn.Sequential.
func placedIn(prefix string, layers []Layer) []placedLayer {
	var placed []placedLayer
	for i, layer := range layers {
		placed = append(placed, placedLayer{prefix: prefix + strconv.Itoa(i) + ".", layer: layer})
	}
	return placed
}

// parametersOf lists the tensors of layers with their full names.
func parametersOf(layers []placedLayer) []ParameterSpec {
	var all []ParameterSpec
	for _, s := range layers {
		for _, p := range s.layer.Parameters() {
			p.Name = s.prefix + p.Name
			all = append(all, p)
		}
	}
	return all
}

// Parameters lists the tensors of all layers with their full names, in PyTorch's order.
func (m *Model) Parameters() []ParameterSpec { return parametersOf(m.layers()) }

// NumParameters returns the number of trainable values, which PyTorch computes as
// sum(p.numel() for p in model.parameters() if p.requires_grad).
func (m *Model) NumParameters() int {
	total := 0
	for _, p := range m.Parameters() {
		if p.Trainable {
			total += sizeOf(p.Shape)
		}
	}
	return total
}

// WithDropout returns a copy of the model with p for all dropout rates. p must lie in
// [0, 1); 0 turns dropout off.
func (m *Model) WithDropout(p float64) (*Model, error) {
	if !(p >= 0 && p < 1) {
		return nil, fmt.Errorf("dropout rate %v, want 0 ≤ p < 1", p)
	}
	copied := &Model{name: m.name}
	for _, c := range m.children {
		c.layers = withDropout(c.layers, p)
		copied.children = append(copied.children, c)
	}
	return copied, nil
}

// withDropout returns a copy of layers with p for all dropout rates.
func withDropout(layers []Layer, p float64) []Layer {
	copied := slices.Clone(layers)
	for i, layer := range copied {
		switch l := layer.(type) {
		case dropout:
			copied[i] = dropout{p}
		case residual:
			copied[i] = residual{withDropout(l.branch, p), withDropout(l.shortcut, p)}
		}
	}
	return copied
}

// Init checks the model and draws the initial weights from PyTorch's distributions.
// Equal seeds give equal weights on every platform.
func (m *Model) Init(seed uint64) (*Network, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	source := random.InitialValues(seed)
	weights := new(Weights)
	for _, p := range m.Parameters() {
		weights.Set(p.Name, p.draw(source))
	}
	return &Network{Model: m, Weights: weights}, nil
}

// Network is a model together with its weights.
type Network struct {
	Model   *Model
	Weights *Weights
	// Notes are sentences that describe what LoadSafetensors changed when it read
	// the weights.
	Notes []string
	// views are those of WithViews.
	views []View
}

// WithWeights returns a network of the model with the given weights, which are not copied.
// It is an error if their names and shapes are not those of the model.
func (m *Model) WithWeights(weights *Weights) (*Network, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := weights.check(m); err != nil {
		return nil, err
	}
	return &Network{Model: m, Weights: weights}, nil
}
