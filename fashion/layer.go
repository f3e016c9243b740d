package fashion

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/random"
)

// Layer is one layer of a model. It describes its shapes and parameters without
// compiling anything, and builds its part of the computation graph.
//
// Shapes are those of one sample, without the batch axis, in PyTorch's order:
// [channels height width] for images, [features] after Flatten.
//
// All layers are types of this package. GraphLayer makes a layer from a graph
// function.
type Layer interface {
	Part
	// Kind returns the name of the PyTorch class, such as "Conv2d".
	Kind() string
	// String returns the text that PyTorch prints for the layer.
	String() string
	// OutputShape returns the shape of the output for an input of the given shape,
	// or an error that explains why the input does not fit.
	OutputShape(input []int) ([]int, error)
	// Parameters lists the layer's tensors with PyTorch's names ("weight").
	Parameters() []ParameterSpec
	// Build adds the layer to a graph. Input and output images have the channels
	// last, [batch height width channels], since XLA is fastest with this order.
	// Like all functions of GoMLX that build graphs, it panics on misuse; the
	// functions of this package recover and return an error.
	Build(c *Context, x *graph.Node) *graph.Node
}

func (conv2D) isPart()          {}
func (linear) isPart()          {}
func (batchNorm) isPart()       {}
func (relu) isPart()            {}
func (leakyReLU) isPart()       {}
func (gelu) isPart()            {}
func (maxPool) isPart()         {}
func (avgPool) isPart()         {}
func (adaptiveAvgPool) isPart() {}
func (pixelUnshuffle) isPart()  {}
func (scale) isPart()           {}
func (normalize) isPart()       {}
func (dropout) isPart()         {}
func (flatten) isPart()         {}
func (residual) isPart()        {}
func (printLayer) isPart()      {}
func (GraphLayer) isPart()      {}

// ParameterSpec describes one tensor of a layer or, with its full name, of a model.
type ParameterSpec struct {
	// Name is the name in the PyTorch state dict.
	Name string
	// Shape has PyTorch's order of axes.
	Shape []int
	// InitialBound is the bound b of the uniform distribution over [-b, b) from which the
	// initial values are drawn. If it is 0, all initial values are InitialValue.
	InitialBound, InitialValue float64
	// Trainable is false for tensors that the optimizer does not update: the
	// running statistics of batch norm, and frozen parameters.
	Trainable bool
	// Frozen is true for parameters that would be trainable without the option Frozen.
	Frozen bool
	// Dirac replaces the initial values of the first kernels; see the option of this name.
	Dirac bool
	// Integer is true for num_batches_tracked, which PyTorch stores as int64.
	Integer bool
}

// fanInUniform returns the bound of PyTorch's initial distribution for the weights and the bias
// of nn.Linear and nn.Conv2d: uniform in ±1/√fanIn, where fanIn is the number
// of inputs that one output sums over. (PyTorch's reset_parameters draws the
// weights by kaiming_uniform_ with a=√5, whose bound √(6/((1+5)·fanIn)) is the
// same 1/√fanIn.)
func fanInUniform(fanIn int) float64 { return 1 / math.Sqrt(float64(fanIn)) }

// draw returns the parameter's initial values.
func (p ParameterSpec) draw(source *random.Source) *Tensor {
	t := NewTensor(p.Shape...)
	for i := range t.Data {
		if p.InitialBound == 0 {
			t.Data[i] = float32(p.InitialValue)
			continue
		}
		t.Data[i] = float32((2*source.Unit() - 1) * p.InitialBound)
	}
	if p.Dirac {
		in, height, width := p.Shape[1], p.Shape[2], p.Shape[3]
		clear(t.Data[:min(p.Shape[0], in)*in*height*width])
		for i := range min(p.Shape[0], in) {
			t.Data[((i*in+i)*height+height/2)*width+width/2] = 1
		}
	}
	return t
}

// Context gives a layer what it needs to build its part of the graph: the nodes of
// its parameters, and whether the graph is for training or for evaluation.
type Context struct {
	training bool
	prefix   string
	nodes    map[string]*graph.Node
	updates  map[string]*graph.Node
	prints   []printed
	// seed and step, the number of completed steps, determine the dropout masks.
	// dropouts counts the dropout layers so far, since each has its own masks.
	seed     uint64
	step     *graph.Node
	dropouts int
}

// printed is the value of a Print layer.
type printed struct {
	title string
	node  *graph.Node
}

// Training reports whether the graph is for training, in which dropout sets values
// to zero and batch norm uses the batch's statistics, or for evaluation.
func (c *Context) Training() bool { return c.training }

// Parameter returns the node of one of the layer's parameters, in the shape that
// Parameters declares. It panics if Parameters does not list the name.
func (c *Context) Parameter(name string) *graph.Node {
	node, ok := c.nodes[c.prefix+name]
	if !ok {
		panic(fmt.Errorf("layer %q: parameter %q, want one that its Parameters() lists", c.prefix, name))
	}
	return node
}

// Update sets the value of a parameter that is not trainable, such as a running
// mean, after this training step.
func (c *Context) Update(name string, value *graph.Node) {
	c.updates[c.prefix+name] = value
}
