package fashion

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// GradCAM is a map of the places in an image that raise the logit of a class.
type GradCAM struct {
	// Layer is the name of the layer whose feature maps were used, Class the class
	// that was given.
	Layer string
	Class int
	// Map has the shape [height width] of the layer's feature maps and values in
	// [0, 1], the largest of which is 1. All are 0 if no place raises the logit.
	Map *Tensor
	// Largest is the map's largest value before scaling, in units of the logit.
	Largest float64
}

// GradCAM computes which places in an image raise the logit of a class, by the
// gradient-weighted class activation mapping of Selvaraju et al. 2017,
// https://arxiv.org/abs/1610.02391, equations 1 and 2:
//
//	αₖ = mean over places of ∂zᶜ/∂Aᵏ    map = max(0, Σₖ αₖ Aᵏ)
//
// where Aᵏ are the feature maps of a layer and zᶜ is the class's logit. layer is the
// name of a layer as Summary lists it; "" means the last convolution, with the batch
// norm and activation after it, or the last Residual with convolutions. A layer without feature maps, a model without convolutions
// and a class that does not exist are errors.
func (n *Network) GradCAM(image Image, layer string, class int) (*GradCAM, error) {
	if err := checkPixels(image); err != nil {
		return nil, fmt.Errorf("grad-cam: %w", err)
	}
	if class < 0 || class >= NumClasses {
		return nil, fmt.Errorf("grad-cam: class %d, want 0 to %d", class, NumClasses-1)
	}
	place, err := n.Model.camLayer(layer)
	if err != nil {
		return nil, fmt.Errorf("grad-cam: %w", err)
	}
	layers := n.Model.layers()
	out, _, err := n.view(image.Pixels, func(c *Context, x *Node) []*Node {
		var maps *Node // [1 height width channels]
		for i, s := range layers {
			c.prefix = s.prefix
			x = s.layer.Build(c, x)
			if i == place {
				maps = x
			}
		}
		logit := ReduceAllSum(Slice(x, AxisRange(), AxisElem(class)))
		alpha := ReduceAndKeep(Gradient(logit, maps)[0], ReduceMean, 1, 2)
		return []*Node{ReduceSum(Mul(maps, BroadcastToShape(alpha, maps.Shape())), -1)}
	})
	if err != nil {
		return nil, fmt.Errorf("grad-cam of %s: %w", n.Model.Name(), err)
	}
	cam := &GradCAM{Layer: layers[place].name(), Class: class, Map: out[0]}
	cam.Map.Shape = cam.Map.Shape[1:]
	largest := float32(0)
	for _, v := range cam.Map.Data {
		largest = max(largest, v)
	}
	for i, v := range cam.Map.Data {
		cam.Map.Data[i] = 0
		if v > 0 {
			cam.Map.Data[i] = v / largest
		}
	}
	cam.Largest = float64(largest)
	return cam, nil
}

// camLayer returns the position of the layer whose feature maps are used.
func (m *Model) camLayer(name string) (int, error) {
	summary, err := m.Summary()
	if err != nil {
		return 0, err
	}
	layers := m.layers()
	if name != "" {
		for i := range layers {
			if layers[i].name() != name {
				continue
			}
			if shape := summary.Layers[i].OutputShape; len(shape) != 3 {
				return 0, fmt.Errorf("layer %q of %s gives shape %v, want feature maps [channels height width]", name, m.name, shape)
			}
			return i, nil
		}
		return 0, fmt.Errorf("model %s has no layer %q; Summary lists its layers", m.name, name)
	}
	place := -1
	for i := range layers {
		switch l := layers[i].layer.(type) {
		case conv2D:
			place = i
		case residual:
			if hasConvolution(l) && len(summary.Layers[i].OutputShape) == 3 {
				place = i
			}
		case batchNorm, relu, leakyReLU, gelu:
			if place == i-1 && place >= 0 && len(summary.Layers[i].OutputShape) == 3 {
				place = i
			}
		}
	}
	if place < 0 {
		return 0, fmt.Errorf("model %s has no convolution; name a layer that gives feature maps", m.name)
	}
	return place, nil
}
