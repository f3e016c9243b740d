package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// GraphLayer is a layer whose computation is a GoMLX graph function. Use it for
// layers that this package does not have.
type GraphLayer struct {
	// Name is the kind of layer, for printing and for Summary.
	Name string
	// Declared lists the layer's parameters, which Graph reads with
	// c.Parameter(name). It is empty for a layer without parameters.
	Declared []ParameterSpec
	// Shape returns the output shape for the input shape of one sample, both in
	// PyTorch's order and without the batch axis. If it is nil, the shape does not
	// change.
	Shape func(input []int) ([]int, error)
	// Graph builds the layer. Images have shape [batch height width channels],
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
