package fashion

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/random"
)

// Layer is one step of a model: a value that knows its shapes and parameters
// without compiling anything, and builds its part of the computation graph.
//
// Shapes are those of one sample, without the batch axis, in PyTorch's order:
// [channels height width] for images, [features] after Flatten.
//
// Layers are those of this package; GraphLayer makes one of a graph function.
type Layer interface {
	Part
	// Kind is the name of the PyTorch class, such as "Conv2d".
	Kind() string
	// String prints the layer as PyTorch prints it.
	String() string
	// OutputShape gives the shape of the output for an input of the given shape,
	// or an error that says why such an input does not fit.
	OutputShape(input []int) ([]int, error)
	// Parameters lists the layer's tensors, named as in PyTorch ("weight").
	Parameters() []ParameterSpec
	// Build adds the layer to a graph. Images come and go with the channels
	// last, [batch height width channels], which is the order that XLA
	// computes fastest. Like all graph building in GoMLX it panics on misuse;
	// the functions of this package that build graphs return that as an error.
	Build(c *Context, x *graph.Node) *graph.Node
}

func (conv2D) isPart()     {}
func (linear) isPart()     {}
func (batchNorm) isPart()  {}
func (relu) isPart()       {}
func (maxPool) isPart()    {}
func (dropout) isPart()    {}
func (flatten) isPart()    {}
func (printLayer) isPart() {}
func (GraphLayer) isPart() {}

// ParameterSpec describes one tensor of a layer or, with its full name, of a model.
type ParameterSpec struct {
	// Name as in the PyTorch state dict.
	Name string
	// Shape in PyTorch's order of axes.
	Shape []int
	// InitialBound b has the first values drawn uniformly from [-b, b). Where it is 0, all of
	// them are InitialValue.
	InitialBound, InitialValue float64
	// Trainable is false for what the optimiser leaves alone: the running
	// statistics of batch norm.
	Trainable bool
	// Integer marks num_batches_tracked, which PyTorch stores as int64.
	Integer bool
}

// fanInUniform is the bound of PyTorch's initial distribution for the weights and the bias
// of nn.Linear and nn.Conv2d: uniform in ±1/√fanIn, where fanIn is the number
// of inputs that one output sums over. (PyTorch's reset_parameters draws the
// weights by kaiming_uniform_ with a=√5, whose bound √(6/((1+5)·fanIn)) is the
// same 1/√fanIn.)
func fanInUniform(fanIn int) float64 { return 1 / math.Sqrt(float64(fanIn)) }

// draw makes the parameter's first values.
func (p ParameterSpec) draw(source *random.Source) *Tensor {
	t := NewTensor(p.Shape...)
	for i := range t.Data {
		if p.InitialBound == 0 {
			t.Data[i] = float32(p.InitialValue)
			continue
		}
		t.Data[i] = float32((2*source.Unit() - 1) * p.InitialBound)
	}
	return t
}

// Context is what a layer needs while the graph is built: the nodes of its
// parameters, and whether the graph is for training or for evaluation.
type Context struct {
	training bool
	prefix   string
	nodes    map[string]*graph.Node
	updates  map[string]*graph.Node
	prints   []printed
	// seed and step, the number of steps done, make the random numbers of
	// dropout; dropouts counts the layers so far, since each has its own.
	seed     uint64
	step     *graph.Node
	dropouts int
}

// printed is a value that a Print layer wants to show.
type printed struct {
	title string
	node  *graph.Node
}

// Training says whether the graph is for training (dropout drops, batch norm
// uses the batch's statistics) or for evaluation.
func (c *Context) Training() bool { return c.training }

// Parameter returns the node of one of the layer's parameters, in the shape
// that Parameters declared.
func (c *Context) Parameter(name string) *graph.Node {
	node, ok := c.nodes[c.prefix+name]
	if !ok {
		panic(fmt.Errorf("layer %q asks for parameter %q, which its Parameters() does not list", c.prefix, name))
	}
	return node
}

// Update sets the value that a parameter which is not trainable has after this
// training step, such as a running mean.
func (c *Context) Update(name string, value *graph.Node) {
	c.updates[c.prefix+name] = value
}
