package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// GraphLayer is a layer written as a GoMLX graph function, for what the layers
// of this package do not offer.
type GraphLayer struct {
	// Name is printed and listed as the layer's kind.
	Name string
	// Declared are the layer's parameters; Graph reads them with
	// c.Parameter(name). None means that the layer learns nothing.
	Declared []ParameterSpec
	// Shape gives the output shape for one sample's input shape, in PyTorch's
	// order; nil says that the shape does not change.
	Shape func(input []int) ([]int, error)
	// Graph builds the layer: images are [batch height width channels],
	// features [batch features].
	Graph func(c *Context, x *graph.Node) *graph.Node
}

// Kind returns the name.
func (f GraphLayer) Kind() string { return f.Name }

func (f GraphLayer) String() string { return f.Name + "(…)" }

// OutputShape applies Shape.
func (f GraphLayer) OutputShape(input []int) ([]int, error) {
	if f.Graph == nil {
		return nil, fmt.Errorf("layer %q has no Graph function", f.Name)
	}
	if f.Shape == nil {
		return input, nil
	}
	return f.Shape(input)
}

// Parameters returns the declared parameters.
func (f GraphLayer) Parameters() []ParameterSpec { return f.Declared }

// Build calls the graph function.
func (f GraphLayer) Build(c *Context, x *graph.Node) *graph.Node { return f.Graph(c, x) }
