package fashion

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

// forward builds the model's graph on a batch of images in [0, 1], shape
// [batch 28 28 1]: its logits, and the features that enter its last part.
func (m *Model) forward(c *Context, images *Node) (logits, features *Node) {
	layers := m.layers()
	// No layers are fused across the start of the last part, since its input is an output.
	last := slices.IndexFunc(layers, func(s placedLayer) bool { return s.last })
	features = c.build(layers[:last], images)
	return c.build(layers[last:], features), features
}

// build adds layers to the graph, fused where that is faster.
func (c *Context) build(layers []placedLayer, x *Node) *Node {
	for i := 0; i < len(layers); {
		if s := nextFused(layers[i:]); s.length > 0 {
			x = s.build(c, x)
			i += s.length
			continue
		}
		c.prefix = layers[i].prefix
		x = layers[i].layer.Build(c, x)
		i++
	}
	return x
}

// context returns the layers' context for a graph with the given weights, in the order of
// Parameters. It is for evaluation; train changes it for training.
func (m *Model) context(weights []*Node) *Context {
	c := &Context{nodes: map[string]*Node{}, updates: map[string]*Node{}}
	for i, p := range m.Parameters() {
		c.nodes[p.Name] = weights[i]
	}
	return c
}

// train changes the context to training mode. seed and the number of completed steps
// determine the dropout masks.
func (c *Context) train(seed uint64, step *Node) { c.training, c.seed, c.step = true, seed, step }

// pixelsOf turns the bytes of images [n 784], or float32 in [0, 1], into float32 in [0, 1],
// shape [n 28 28 1].
func pixelsOf(images *Node) *Node {
	if images.DType() != dtypes.Float32 {
		images = DivScalar(ConvertDType(images, dtypes.Float32), 255.0)
	}
	return Reshape(images, -1, ImageHeight, ImageWidth, 1)
}

// trainState holds the nodes that a training step changes, in the order of a
// trainer's state: the number of completed steps, all weights, the optimizer's slots, and the
// averages of all weights, if there are any.
type trainState struct {
	step     *Node
	weights  []*Node
	slots    []*Node
	averages []*Node
}

func (s trainState) nodes() []*Node {
	nodes := append([]*Node{s.step}, s.weights...)
	nodes = append(nodes, s.slots...)
	return append(nodes, s.averages...)
}

// stateFrom is the inverse of nodes.
func stateFrom(nodes []*Node, weights, slots int) trainState {
	averages := 1 + weights + slots
	return trainState{nodes[0], nodes[1 : 1+weights], nodes[1+weights : averages], nodes[averages:]}
}

// trainStep builds one step of gradient descent on a batch of images [n 784] and labels [n],
// and returns the batch's mean loss and the state after the step. rate is the learning rate, or
// nil for that of the settings.
func (m *Model) trainStep(images, labels *Node, state trainState, seed uint64, r stepSettings, rate *Node) (*Node, trainState) {
	parameters := m.Parameters()
	c := m.context(state.weights)
	c.train(seed, state.step)
	var trainable []*Node
	var trained []ParameterSpec
	for i, p := range parameters {
		if p.Trainable {
			trainable, trained = append(trainable, state.weights[i]), append(trained, p)
		}
	}
	logits, _ := m.forward(c, pixelsOf(images))
	loss := kernels.CrossEntropy(logits, labels, r.labelSmoothing)
	gradients := Gradient(loss, trainable...)

	after := trainState{step: OnePlus(state.step)}
	at := r.values(state.step, ConvertDType(after.step, dtypes.Float32), rate)
	gradients = r.clip(trained, gradients, at)
	slotsPer := len(r.optimizer.slots())
	k := 0
	for i, p := range parameters {
		if !p.Trainable {
			value := state.weights[i]
			if updated, ok := c.updates[p.Name]; ok {
				value = updated
			}
			after.weights = append(after.weights, value)
			continue
		}
		slots := state.slots[k*slotsPer : (k+1)*slotsPer]
		weight, slots := r.update(p, state.weights[i], gradients[k], slots, at)
		after.weights = append(after.weights, weight)
		after.slots = append(after.slots, slots...)
		k++
	}
	if r.ema.used() {
		after.averages = r.ema.update(parameters, state.averages, after.weights, after.step, r.steps)
	}
	return loss, after
}

// linearOnly reports whether the model has no convolutions and no graph functions. A step
// of such a model takes less time than a call to the device, so it is faster to run
// several steps in a loop on the device. Convolutions are not run in loops: inside of one,
// XLA computes them with one thread, four times slower than outside.
func (m *Model) linearOnly() bool {
	return !slices.ContainsFunc(m.layers(), func(s placedLayer) bool { return hasConvolution(s.layer) })
}

// hasConvolution reports whether a layer is or contains a convolution or a graph function.
func hasConvolution(layer Layer) bool {
	switch l := layer.(type) {
	case conv2D, GraphLayer:
		return true
	case residual:
		return slices.ContainsFunc(slices.Concat(l.branch, l.shortcut), hasConvolution)
	}
	return false
}
