package fashion

import (
	"encoding/json"
	"fmt"

	"fashionlab/fashion/internal/kernels"
)

// This file writes a model of the library's layers as JSON and reads it again, so that a
// run can be opened by programs that do not have the model.

// modelJSON is a model's form in JSON.
type modelJSON struct {
	Name  string     `json:"name"`
	Parts []partJSON `json:"parts"`
}

// partJSON is a named layer, or a block of layers.
type partJSON struct {
	Name   string      `json:"name"`
	Block  bool        `json:"block,omitempty"`
	Layers []layerJSON `json:"layers"`
}

// layerJSON is a layer: its kind, and the settings that this kind has.
type layerJSON struct {
	Kind     string  `json:"kind"`
	In       int     `json:"in,omitempty"`
	Out      int     `json:"out,omitempty"`
	Kernel   int     `json:"kernel,omitempty"`
	Stride   int     `json:"stride,omitempty"`
	Padding  int     `json:"padding,omitempty"`
	Dilation int     `json:"dilation,omitempty"`
	Groups   int     `json:"groups,omitempty"`
	NoBias   bool    `json:"no_bias,omitempty"`
	Mode     string  `json:"padding_mode,omitempty"`
	Rate     float64 `json:"rate,omitempty"`
	Title    string  `json:"title,omitempty"`
}

// describeLayer is a layer of this package as data; ok is false for others.
func describeLayer(layer Layer) (_ layerJSON, ok bool) {
	d := layerJSON{Kind: layer.Kind()}
	switch l := layer.(type) {
	case conv2D:
		d.In, d.Out, d.Kernel, d.Stride, d.Padding = l.in, l.out, l.kernel, l.stride, l.padding
		d.Dilation, d.Groups, d.NoBias, d.Mode = l.dilation, l.groups, !l.bias, string(l.mode)
	case linear:
		d.In, d.Out = l.in, l.out
	case batchNorm:
		d.In = l.channels
	case maxPool:
		d.Kernel = l.kernel
	case dropout:
		d.Rate = l.p
	case printLayer:
		d.Title = l.title
	case relu, flatten:
	default:
		return layerJSON{}, false
	}
	return d, true
}

// layer is the inverse of describeLayer.
func (d layerJSON) layer() (Layer, error) {
	var layer Layer
	switch d.Kind {
	case "Conv2d":
		layer = conv2D{d.In, d.Out, d.Kernel, d.Stride, d.Padding, d.Dilation, d.Groups, !d.NoBias, kernels.PaddingMode(d.Mode)}
	case "Linear":
		layer = Linear(d.In, d.Out)
	case "BatchNorm1d":
		layer = BatchNorm1D(d.In)
	case "BatchNorm2d":
		layer = BatchNorm2D(d.In)
	case "MaxPool2d":
		layer = MaxPool2D(d.Kernel)
	case "Dropout":
		layer = Dropout(d.Rate)
	case "Print":
		layer = Print(d.Title)
	case "ReLU":
		layer = ReLU()
	case "Flatten":
		layer = Flatten()
	default:
		return nil, fmt.Errorf("there is no layer of kind %q", d.Kind)
	}
	return layer, nil
}

// describe is the model as JSON, or nil where one of its layers is none of this package's:
// a GraphLayer is a function.
func (m *Model) describe() json.RawMessage {
	d := modelJSON{Name: m.name}
	for _, c := range m.children {
		part := partJSON{Name: c.name, Block: c.block}
		for _, layer := range c.layers {
			l, ok := describeLayer(layer)
			if !ok {
				return nil
			}
			part.Layers = append(part.Layers, l)
		}
		d.Parts = append(d.Parts, part)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil // a rate that is no number: checked by whoever uses the model
	}
	return text
}

// describedModel is the inverse of describe.
func describedModel(text json.RawMessage) (*Model, error) {
	var d modelJSON
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("its description of the model: %w", err)
	}
	m := &Model{name: d.Name}
	for _, part := range d.Parts {
		c := child{name: part.Name, block: part.Block}
		for _, l := range part.Layers {
			layer, err := l.layer()
			if err != nil {
				return nil, fmt.Errorf("its description of the model: %w", err)
			}
			c.layers = append(c.layers, layer)
		}
		m.children = append(m.children, c)
	}
	return m, m.check()
}
