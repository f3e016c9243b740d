package fashion

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Activation is what one layer of a network gives for one image.
type Activation struct {
	// Name is the layer's place in the model, such as "conv1.0"; Kind its
	// PyTorch class, such as "Conv2d".
	Name string
	Kind string
	// Output has the shape [channels height width], or [features] behind
	// Flatten.
	Output *Tensor
}

// Activations computes what each layer gives for an image, layer by layer, in
// evaluation mode: the feature maps of convolutions, and at the end the logits.
func (n *Network) Activations(image Image) ([]Activation, error) {
	if err := checkPixels(image); err != nil {
		return nil, fmt.Errorf("activations: %w", err)
	}
	steps := n.Model.steps()
	out, err := n.look(image, func(c *Context, pixels *Node) []*Node {
		return n.Model.layerByLayer(c, pixels)
	})
	if err != nil {
		return nil, fmt.Errorf("activations of %s: %w", n.Model.Name(), err)
	}
	activations := make([]Activation, len(out))
	for i, t := range out {
		t.Shape = t.Shape[1:] // the batch of one
		activations[i] = Activation{Name: steps[i].name(), Kind: steps[i].layer.Kind(), Output: t}
	}
	return activations, nil
}

// name is the layer's place in the model, as a Summary has it.
func (s step) name() string { return strings.TrimSuffix(s.prefix, ".") }

// checkPixels reports an image that has not 28×28 pixels.
func checkPixels(image Image) error {
	if len(image.Pixels) != ImagePixels {
		return fmt.Errorf("the image has %d pixels, want %d", len(image.Pixels), ImagePixels)
	}
	return nil
}

// layerByLayer builds the model without joining layers for speed, and returns
// each layer's output, images with the channels first.
func (m *Model) layerByLayer(c *Context, x *Node) []*Node {
	var outputs []*Node
	for _, s := range m.steps() {
		c.prefix = s.prefix
		x = s.layer.Build(c, x)
		outputs = append(outputs, channelsFirst(x))
	}
	return outputs
}

// channelsFirst turns images [batch height width channels] into PyTorch's order
// of axes; what is no image stays.
func channelsFirst(x *Node) *Node {
	if x.Rank() == 4 {
		return TransposeAllAxes(x, 0, 3, 1, 2)
	}
	return x
}

// look computes what build makes of one image in evaluation mode: pixels
// [1 28 28 1] in [0, 1].
func (n *Network) look(image Image, build func(c *Context, pixels *Node) []*Node) ([]*Tensor, error) {
	if err := n.Model.check(); err != nil {
		return nil, err
	}
	weights, err := n.deviceWeights()
	if err != nil {
		return nil, err
	}
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, func(in []*Node) []*Node {
		c := &Context{nodes: map[string]*Node{}, updates: map[string]*Node{}}
		for i, p := range n.Model.Parameters() {
			c.nodes[p.Name] = in[2+i]
		}
		return build(c, batchOf(in[0], in[1]))
	})
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	args := []any{
		tensors.FromFlatDataAndDimensions(image.Pixels, 1, ImagePixels),
		tensors.FromFlatDataAndDimensions([]int32{0}, 1),
	}
	for _, w := range weights {
		args = append(args, w)
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, err
	}
	results := make([]*Tensor, len(out))
	for i, t := range out {
		if results[i], err = fromTensor(t); err != nil {
			return nil, err
		}
	}
	return results, nil
}
