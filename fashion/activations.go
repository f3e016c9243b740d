package fashion

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Activation is the output of one layer of a network for one image.
type Activation struct {
	// Name is the layer's name in the model, such as "conv1.0". Kind is its
	// PyTorch class, such as "Conv2d".
	Name string
	Kind string
	// Values has shape [channels height width], or [features] after Flatten.
	Values *Tensor
}

// Activations computes the output of every layer for an image, in evaluation
// mode and in the order of the layers: the feature maps of convolutions, and at
// the end the logits. An image that does not have 28×28 pixels is an error.
func (n *Network) Activations(image Image) ([]Activation, error) {
	if err := checkPixels(image); err != nil {
		return nil, fmt.Errorf("activations: %w", err)
	}
	layers := n.Model.layers()
	out, _, err := n.view(image.Pixels, n.Model.layerByLayer)
	if err != nil {
		return nil, fmt.Errorf("activations of %s: %w", n.Model.Name(), err)
	}
	activations := make([]Activation, len(layers)) // the values of Print layers follow
	for i, t := range out[:len(layers)] {
		t.Shape = t.Shape[1:] // the batch of one
		activations[i] = Activation{Name: layers[i].name(), Kind: layers[i].layer.Kind(), Values: t}
	}
	return activations, nil
}

// name returns the layer's name in the model, as a Summary lists it.
func (s placedLayer) name() string { return strings.TrimSuffix(s.prefix, ".") }

// checkPixels returns an error if the image does not have 28×28 pixels.
func checkPixels(image Image) error {
	if len(image.Pixels) != ImagePixels {
		return fmt.Errorf("the image has %d pixels, want %d", len(image.Pixels), ImagePixels)
	}
	return nil
}

// layerByLayer builds the model without fusing layers, and returns each layer's
// output, with the channels first for images.
func (m *Model) layerByLayer(c *Context, x *Node) []*Node {
	var outputs []*Node
	for _, s := range m.layers() {
		c.prefix = s.prefix
		x = s.layer.Build(c, x)
		outputs = append(outputs, channelsFirst(x))
	}
	return outputs
}

// channelsFirst puts the axes of images [batch height width channels] into
// PyTorch's order. Other values are returned unchanged.
func channelsFirst(x *Node) *Node {
	if x.Rank() == 4 {
		return TransposeAllAxes(x, 0, 3, 1, 2)
	}
	return x
}
