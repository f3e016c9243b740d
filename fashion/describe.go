package fashion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"fashionlab/fashion/internal/kernels"
)

// This file writes a model that consists of the library's layers as JSON, and reads it
// again. So a program that does not have the model can open its run.

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

// layerJSON is a layer: its kind, and the settings of this kind.
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

	Frozen      []string `json:"frozen,omitempty"`
	Dirac       bool     `json:"dirac,omitempty"`
	Momentum    *float64 `json:"momentum,omitempty"` // nil for PyTorch's default
	Epsilon     *float64 `json:"epsilon,omitempty"`
	Approximate string   `json:"approximate,omitempty"`
	// Factor is LeakyReLU's slope and Scale's factor.
	Factor    float64     `json:"factor,omitempty"`
	Mean      float64     `json:"mean,omitempty"`
	Deviation float64     `json:"deviation,omitempty"`
	Branch    []layerJSON `json:"branch,omitempty"`
	Shortcut  []layerJSON `json:"shortcut,omitempty"`
}

// describeLayer returns a layer of this package as data. ok is false for other layers.
func describeLayer(layer Layer) (_ layerJSON, ok bool) {
	d := layerJSON{Kind: layer.Kind()}
	switch l := layer.(type) {
	case conv2D:
		d.In, d.Out, d.Kernel, d.Stride, d.Padding = l.in, l.out, l.kernel, l.stride, l.padding
		d.Dilation, d.Groups, d.NoBias, d.Mode = l.dilation, l.groups, !l.bias, string(l.mode)
		d.Frozen, d.Dirac = l.frozen, l.dirac
	case linear:
		d.In, d.Out, d.NoBias, d.Frozen = l.in, l.out, !l.bias, l.frozen
	case batchNorm:
		d.In, d.Frozen = l.channels, l.frozen
		if l.momentum != batchNormMomentum {
			d.Momentum = &l.momentum
		}
		if l.epsilon != batchNormEpsilon {
			d.Epsilon = &l.epsilon
		}
	case maxPool:
		d.Kernel = l.kernel
	case avgPool:
		d.Kernel = l.kernel
	case adaptiveAvgPool:
		d.Out = l.out
	case pixelUnshuffle:
		d.Kernel = l.factor
	case gelu:
		d.Approximate = l.approximate
	case leakyReLU:
		d.Factor = l.slope
	case scale:
		d.Factor = l.factor
	case normalize:
		d.Mean, d.Deviation = l.mean, l.deviation
	case residual:
		var first, second bool
		d.Branch, first = describeLayers(l.branch)
		d.Shortcut, second = describeLayers(l.shortcut)
		if !first || !second {
			return layerJSON{}, false
		}
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

// describeLayers applies describeLayer to each layer.
func describeLayers(layers []Layer) (list []layerJSON, ok bool) {
	for _, layer := range layers {
		d, ok := describeLayer(layer)
		if !ok {
			return nil, false
		}
		list = append(list, d)
	}
	return list, true
}

// layersFrom is the inverse of describeLayers.
func layersFrom(list []layerJSON) (layers []Layer, err error) {
	for _, d := range list {
		layer, err := d.layer()
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	return layers, nil
}

// layer is the inverse of describeLayer.
func (d layerJSON) layer() (Layer, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	var layer Layer
	switch d.Kind {
	case "Conv2d":
		layer = conv2D{d.In, d.Out, d.Kernel, d.Stride, d.Padding, d.Dilation, d.Groups, !d.NoBias, kernels.PaddingMode(d.Mode), d.Frozen, d.Dirac}
	case "Linear":
		layer = linear{d.In, d.Out, !d.NoBias, d.Frozen}
	case "BatchNorm1d", "BatchNorm2d":
		b := newBatchNorm(d.In, 1, nil)
		if d.Kind == "BatchNorm2d" {
			b.dims = 2
		}
		b.frozen = d.Frozen
		if d.Momentum != nil {
			b.momentum = *d.Momentum
		}
		if d.Epsilon != nil {
			b.epsilon = *d.Epsilon
		}
		layer = b
	case "MaxPool2d":
		layer = MaxPool2D(d.Kernel)
	case "AvgPool2d":
		layer = AvgPool2D(d.Kernel)
	case "AdaptiveAvgPool2d":
		layer = AdaptiveAvgPool2D(d.Out)
	case "PixelUnshuffle":
		layer = PixelUnshuffle(d.Kernel)
	case "GELU":
		layer = gelu{d.Approximate}
	case "LeakyReLU":
		layer = LeakyReLU(d.Factor)
	case "Scale":
		layer = Scale(d.Factor)
	case "Normalize":
		layer = Normalize(d.Mean, d.Deviation)
	case "Residual":
		var r residual
		var err error
		if r.branch, err = layersFrom(d.Branch); err != nil {
			return nil, err
		}
		if r.shortcut, err = layersFrom(d.Shortcut); err != nil {
			return nil, err
		}
		layer = r
	case "Dropout":
		layer = Dropout(d.Rate)
	case "Print":
		layer = Print(d.Title)
	case "ReLU":
		layer = ReLU()
	case "Flatten":
		layer = Flatten()
	default:
		return nil, fmt.Errorf("kind of layer %q, want one of the library's", d.Kind)
	}
	return layer, nil
}

// Limits for the description of a model, which may come from an untrusted source. They
// prevent overflows in computed sizes, and are far above what any machine can compute.
const (
	maxDescription = 1 << 20 // bytes
	maxLayers      = 1000
	maxSetting     = 1 << 20 // channels, features, pixels
	maxName        = 200     // bytes
)

// MarshalJSON returns the model's description: its name, its layers and their settings,
// without weights. A model with a GraphLayer is an error, since a function has no JSON
// form.
func (m *Model) MarshalJSON() ([]byte, error) {
	d := modelJSON{Name: m.name}
	place := 0
	for _, c := range m.children {
		part := partJSON{Name: c.name, Block: c.block}
		for _, layer := range c.layers {
			place++
			l, ok := describeLayer(layer)
			if !ok {
				return nil, fmt.Errorf("model %s, layer %d: %v has a graph function, want only layers of the library, which have a description", m.name, place, layer)
			}
			if !l.finite() {
				return nil, fmt.Errorf("model %s, layer %d: %v: want finite settings", m.name, place, layer)
			}
			part.Layers = append(part.Layers, l)
		}
		d.Parts = append(d.Parts, part)
	}
	return json.Marshal(d)
}

// UnmarshalJSON reads a description that MarshalJSON wrote. It does not check whether the
// layers fit together; as after NewModel, Summary, Init and every computation check that.
func (m *Model) UnmarshalJSON(text []byte) error {
	if len(text) > maxDescription {
		return fmt.Errorf("the description of a model has %d bytes, want at most %d", len(text), maxDescription)
	}
	var d modelJSON
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return fmt.Errorf("the description of a model: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("the description of a model: text follows the JSON object, want nothing")
	}
	read := Model{name: d.Name}
	layers, parameters := 0, 0.0
	for _, part := range d.Parts {
		if len(part.Name) > maxName || !part.Block && len(part.Layers) != 1 {
			return fmt.Errorf("the description of a model: the part %.*q has a name of %d bytes and %d layers, want at most %d bytes, and 1 layer outside of a block", maxName, part.Name, len(part.Name), len(part.Layers), maxName)
		}
		c := child{name: part.Name, block: part.Block}
		for _, l := range part.Layers {
			layers += l.layers()
			layer, err := l.layer()
			if err != nil {
				return fmt.Errorf("the description of a model, layer %d: %w", layers, err)
			}
			c.layers = append(c.layers, layer)
			parameters += l.parameters()
		}
		read.children = append(read.children, c)
	}
	if len(d.Name) > maxName || layers > maxLayers || parameters > maxValues {
		return fmt.Errorf("the description of a model: a name of %d bytes, %d layers, %.0f parameters, want at most %d, %d and %d", len(d.Name), layers, parameters, maxName, maxLayers, maxValues)
	}
	*m = read
	return nil
}

// check returns an error for settings beyond the limits. The layer itself reports settings
// that make no sense, such as a negative number of channels.
func (d layerJSON) check() error {
	for _, n := range []int{d.In, d.Out, d.Kernel, d.Stride, d.Padding, d.Dilation, d.Groups} {
		if n < -maxSetting || n > maxSetting {
			return fmt.Errorf("%s has a setting of %d, want -%d to %d", d.Kind, n, maxSetting, maxSetting)
		}
	}
	if text := d.Title + d.Mode + d.Approximate + strings.Join(d.Frozen, ""); len(text) > maxName {
		return fmt.Errorf("%s has a text of %d bytes, want at most %d", d.Kind, len(text), maxName)
	}
	return nil
}

// finite reports whether no setting is NaN or infinite, which JSON cannot hold.
func (d layerJSON) finite() bool {
	numbers := []float64{d.Rate, d.Factor, d.Mean, d.Deviation}
	for _, p := range []*float64{d.Momentum, d.Epsilon} {
		if p != nil {
			numbers = append(numbers, *p)
		}
	}
	for _, v := range numbers {
		if checkNumber(v) != nil {
			return false
		}
	}
	return !slices.ContainsFunc(slices.Concat(d.Branch, d.Shortcut), func(l layerJSON) bool { return !l.finite() })
}

// layers returns the number of layers, of which a Residual has several.
func (d layerJSON) layers() int {
	n := 1
	for _, l := range slices.Concat(d.Branch, d.Shortcut) {
		n += l.layers()
	}
	return n
}

// parameters returns an upper bound for the layer's number of parameters. It is a
// float64, which does not overflow.
func (d layerJSON) parameters() float64 {
	switch d.Kind {
	case "Conv2d":
		return math.Abs(float64(d.Out)) * (1 + math.Abs(float64(d.In))*float64(d.Kernel)*float64(d.Kernel)/math.Max(1, float64(d.Groups)))
	case "Linear":
		return math.Abs(float64(d.Out)) * (1 + math.Abs(float64(d.In)))
	case "Residual":
		total := 0.0
		for _, l := range slices.Concat(d.Branch, d.Shortcut) {
			total += l.parameters()
		}
		return total
	default:
		return 5 * math.Abs(float64(d.In)) // batch norm's
	}
}

// describe returns the model as JSON, or nil if it has no description.
func (m *Model) describe() json.RawMessage {
	text, err := m.MarshalJSON()
	if err != nil {
		return nil // the check of the model reports it
	}
	return text
}

// describedModel is the inverse of describe.
func describedModel(text json.RawMessage) (*Model, error) {
	m := &Model{}
	if err := m.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	return m, m.check()
}
