package fashion

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Activation is what one layer of a network gives for one image.
type Activation struct {
	// Name is the layer's place in the model, such as "conv1.0"; Kind its
	// PyTorch class, such as "Conv2d".
	Name string
	Kind string
	// Values has the shape [channels height width], or [features] behind
	// Flatten.
	Values *Tensor
}

// Activations computes what each layer gives for an image, layer by layer, in
// evaluation mode: the feature maps of convolutions, and at the end the logits.
func (n *Network) Activations(image Image) ([]Activation, error) {
	if err := checkPixels(image); err != nil {
		return nil, fmt.Errorf("activations: %w", err)
	}
	layers := n.Model.layers()
	out, _, err := n.view(image.Pixels, n.Model.layerByLayer)
	if err != nil {
		return nil, fmt.Errorf("activations of %s: %w", n.Model.Name(), err)
	}
	activations := make([]Activation, len(layers)) // Print layers show theirs once more
	for i, t := range out[:len(layers)] {
		t.Shape = t.Shape[1:] // the batch of one
		activations[i] = Activation{Name: layers[i].name(), Kind: layers[i].layer.Kind(), Values: t}
	}
	return activations, nil
}

// name is the layer's place in the model, as a Summary has it.
func (s placedLayer) name() string { return strings.TrimSuffix(s.prefix, ".") }

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
	for _, s := range m.layers() {
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
