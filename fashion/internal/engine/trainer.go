package engine

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// MaxSteps is the largest number of steps in one call to the device. With one call for each
// step, the calls would take three times as long as the computation of the softmax
// regression; with more than a hundred steps there is nothing more to gain.
const MaxSteps = 100

// Step builds one training step on the images at the given indices. It returns the batch's
// mean loss, a scalar, and the state after the step. extra are additional arguments of
// single steps, such as a learning rate.
type Step func(images, labels, indices *Node, extra, state []*Node) (loss *Node, after []*Node)

// Trainer holds the state of a training on the device and runs training steps.
type Trainer struct {
	backend compute.Backend
	step    Step
	state   []*tensors.Tensor
	// loop runs several steps, single runs one step; one of them is nil.
	loop, single *Exec
}

// NewTrainer returns a trainer that starts with the given state, and takes the state over. If
// loops is true, one call runs several steps on backends that support it.
func NewTrainer(backend compute.Backend, state []*tensors.Tensor, step Step, loops bool) (*Trainer, error) {
	t := &Trainer{backend: backend, step: step, state: state}
	var err error
	if loops && runsLoops(backend.Name()) {
		t.loop, err = NewExec(backend, t.loopGraph)
	} else {
		t.single, err = NewExec(backend, t.singleGraph)
	}
	return t, err
}

// runsLoops reports whether a backend can execute graph.While with gradients inside.
// XLA can; GoMLX's Go backend (0.1.3) fails with "input … not computed yet".
func runsLoops(backend string) bool {
	return strings.HasPrefix(backend, "xla") || strings.HasPrefix(backend, "stablehlo")
}

// singleGraph is one step: images, labels, indices, extra, state → loss, state.
func (t *Trainer) singleGraph(in []*Node) []*Node {
	state := len(in) - len(t.state)
	loss, after := t.step(in[0], in[1], in[2], in[3:state], in[state:])
	return append([]*Node{loss}, after...)
}

// loopGraph runs count steps from the row start of order [rows batch]:
// images, labels, order, start, count, state → losses [MaxSteps],
// state.
func (t *Trainer) loopGraph(in []*Node) []*Node {
	images, labels, order, start, count := in[0], in[1], in[2], in[3], in[4]
	g := images.Graph()
	losses := Zeros(g, shapes.Make(dtypes.Float32, MaxSteps))
	// The variables of the loop: k counts its steps, the others are as above.
	initial := append([]*Node{Const(g, int32(0)), start, count, images, labels, order, losses}, in[5:]...)
	const fixed = 7
	carried := func(g *Graph) []*Node {
		nodes := make([]*Node, len(initial))
		for i, node := range initial {
			nodes[i] = Parameter(g, fmt.Sprintf("carried%d", i), node.Shape())
		}
		return nodes
	}
	condition := NewClosure(g, func(g *Graph) []*Node {
		c := carried(g)
		return []*Node{LessThan(c[0], c[2])}
	})
	body := NewClosure(g, func(g *Graph) []*Node {
		c := carried(g)
		k, start, images, labels, order, losses := c[0], c[1], c[3], c[4], c[5], c[6]
		row := InsertAxes(Add(start, k), 0)
		indices := Reshape(Gather(order, row), order.Shape().Dimensions[1])
		loss, state := t.step(images, labels, indices, nil, c[fixed:])
		here := Equal(Iota(g, shapes.Make(dtypes.Int32, MaxSteps), 0), BroadcastToDims(k, MaxSteps))
		losses = Where(here, BroadcastToDims(loss, MaxSteps), losses)
		after := append([]*Node{OnePlus(k)}, c[1:6]...)
		after = append(after, losses)
		return append(after, state...)
	})
	out := While(condition, body, initial...)
	return append([]*Node{out[6]}, out[fixed:]...)
}

// Order is the order of the images in an epoch. For loops it is on the device: the full
// batches as rows, and the smaller last batch.
type Order struct {
	data       Data
	batch      int
	indices    []int32
	rows, rest *tensors.Tensor
}

// NewOrder returns an order: the images of data at the given indices, in batches of the given
// size. The last batch is smaller if the size does not divide the number of indices.
func (t *Trainer) NewOrder(data Data, indices []int32, batch int) *Order {
	o := &Order{data: data, batch: batch, indices: indices}
	full := len(indices) / batch
	if t.loop != nil {
		if full > 0 {
			o.rows = tensors.FromFlatDataAndDimensions(indices[:full*batch], full, batch)
		}
		if rest := indices[full*batch:]; len(rest) > 0 {
			o.rest = tensors.FromFlatDataAndDimensions(rest, 1, len(rest))
		}
	}
	return o
}

// Run executes up to count steps of an epoch, beginning with step first, and returns their
// losses. It executes at least one step. It executes fewer than count if the remaining
// batch has another size, or if steps run one by one.
func (t *Trainer) Run(o *Order, first, count int) ([]float32, error) {
	if t.single != nil {
		start := first * o.batch
		loss, err := t.One(o.data, o.indices[start:min(start+o.batch, len(o.indices))])
		return []float32{loss}, err
	}
	rows, start := o.rows, first
	count = min(count, MaxSteps)
	if full := len(o.indices) / o.batch; first < full {
		count = min(count, full-first)
	} else {
		rows, start, count = o.rest, 0, 1
	}
	losses, err := t.call(t.loop, o.data.Images, o.data.Labels, rows, int32(start), int32(count))
	if err != nil {
		return nil, err
	}
	return losses[:count], nil
}

// One executes one step on the images at the given indices and returns its loss. The trainer
// must not use loops.
func (t *Trainer) One(data Data, indices []int32, extra ...any) (float32, error) {
	args := append([]any{data.Images, data.Labels, tensors.FromFlatDataAndDimensions(indices, len(indices))}, extra...)
	losses, err := t.call(t.single, args...)
	if err != nil {
		return 0, err
	}
	return losses[0], nil
}

// call executes a graph and returns the losses. The state's buffers are the graph's last
// arguments and are donated to it; the results after the losses are the new state.
func (t *Trainer) call(exec *Exec, args ...any) ([]float32, error) {
	for _, s := range t.state {
		donated, err := DonateTensorBuffer(s, t.backend, 0)
		if err != nil {
			return nil, err
		}
		args = append(args, donated)
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, err
	}
	t.state = out[1:]
	return tensors.CopyFlatData[float32](out[0])
}

// Backend returns the backend.
func (t *Trainer) Backend() compute.Backend { return t.backend }

// State returns the tensors of the current state on the device. The next step donates them.
func (t *Trainer) State() []*tensors.Tensor { return t.state }

// Close releases the compiled graphs and the memory on the device.
func (t *Trainer) Close() {
	if t.loop != nil {
		t.loop.Finalize()
	}
	if t.single != nil {
		t.single.Finalize()
	}
	for _, s := range t.state {
		_ = s.FinalizeAll() // an error only delays the release of memory
	}
}
