// Package forward computes a convolutional network for one image, and the places in the image that
// raise an output. It has no state and no computing library, so it is small when compiled to
// WebAssembly.
//
// A network is data: a list of steps with their weights. Values are float32 in the order [channels
// height width]; features are [features 1 1].
package forward

import (
	"encoding/json"
	"fmt"
)

// Network is a network in evaluation mode.
type Network struct {
	Steps []Step `json:"steps"`
	// Inputs is the number of pixels.
	Inputs int `json:"inputs"`
	// Maps is the number of steps that give the feature maps of Look; 0 if there are none. Channels,
	// Height and Width are the maps' shape.
	Maps     int `json:"maps,omitempty"`
	Channels int `json:"channels,omitempty"`
	Height   int `json:"height,omitempty"`
	Width    int `json:"width,omitempty"`
}

// Step is one step of the computation: the field that is not nil.
type Step struct {
	Conv       *Conv       `json:"conv,omitempty"`
	Affine     *Affine     `json:"affine,omitempty"`
	Activation *Activation `json:"activation,omitempty"`
	Pool       *Pool       `json:"pool,omitempty"`
	Residual   *Residual   `json:"residual,omitempty"`
}

// operation computes a step, and the gradient with respect to its input x from that with respect
// to its output.
type operation interface {
	forward(x []float32) []float32
	backward(x, dy []float32) []float32
}

func (s Step) operation() operation {
	switch {
	case s.Conv != nil:
		return s.Conv
	case s.Affine != nil:
		return s.Affine
	case s.Activation != nil:
		return s.Activation
	case s.Pool != nil:
		return s.Pool
	}
	return s.Residual
}

// Encode returns the network as JSON, in which weights are base64.
func (n *Network) Encode() ([]byte, error) { return json.Marshal(n) }

// Decode is the inverse of Encode. It trusts the content.
func Decode(content []byte) (*Network, error) {
	n := new(Network)
	if err := json.Unmarshal(content, n); err != nil {
		return nil, fmt.Errorf("the network: %w", err)
	}
	return n, nil
}

// Logits returns the outputs for the pixels of an image, which are from 0 to 255.
func (n *Network) Logits(pixels []byte) ([]float32, error) {
	x, err := n.input(pixels)
	if err != nil {
		return nil, err
	}
	return apply(n.Steps, x), nil
}

// input returns the pixels in [0, 1].
func (n *Network) input(pixels []byte) ([]float32, error) {
	if len(pixels) != n.Inputs {
		return nil, fmt.Errorf("an image of %d pixels, want %d", len(pixels), n.Inputs)
	}
	x := make([]float32, len(pixels))
	for i, v := range pixels {
		x[i] = float32(v) / 255
	}
	return x, nil
}

// apply computes consecutive steps.
func apply(steps []Step, x []float32) []float32 {
	for _, s := range steps {
		x = s.operation().forward(x)
	}
	return x
}

// gradient returns the gradient with respect to the input x of consecutive steps, from that with
// respect to their output; output returns the latter for an output.
func gradient(steps []Step, x []float32, output func(y []float32) []float32) []float32 {
	if len(steps) == 0 {
		return output(x)
	}
	first := steps[0].operation()
	return first.backward(x, gradient(steps[1:], first.forward(x), output))
}

// Look returns the places in the image that raise an output, as gradient-weighted class activation
// mapping computes them (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, equations 1 and
// 2): the feature maps, weighted by the means of their gradients and added up; negative values
// are 0. The result has the shape [Height Width] and is not scaled. A network without feature maps
// and an output that does not exist are errors.
func (n *Network) Look(pixels []byte, output int) ([]float32, error) {
	x, err := n.input(pixels)
	if err != nil {
		return nil, err
	}
	if n.Maps == 0 {
		return nil, fmt.Errorf("the network has no feature maps")
	}
	maps := apply(n.Steps[:n.Maps], x)
	outputs := 0
	slopes := gradient(n.Steps[n.Maps:], maps, func(y []float32) []float32 {
		outputs = len(y)
		one := make([]float32, len(y))
		if output >= 0 && output < outputs {
			one[output] = 1
		}
		return one
	})
	if output < 0 || output >= outputs {
		return nil, fmt.Errorf("output %d, want 0 to %d", output, outputs-1)
	}
	places := n.Height * n.Width
	sum := make([]float32, places)
	for c := range n.Channels {
		mean := float32(0)
		for _, v := range slopes[c*places:][:places] {
			mean += v
		}
		mean /= float32(places)
		addScaled(sum, mean, maps[c*places:])
	}
	for i, v := range sum {
		sum[i] = max(v, 0)
	}
	return sum, nil
}
