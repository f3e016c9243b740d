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

// MaxSteps bounds the steps that one call to the device executes. One
// call per step would cost the softmax regression three times its computation;
// beyond a hundred steps a call there is nothing left to gain.
const MaxSteps = 100

// Step builds one step of training on the images at the given indices: the batch's mean
// loss, a scalar, and the state after it. extra are the step's own arguments.
type Step func(images, labels, indices *Node, extra, state []*Node) (loss *Node, after []*Node)

// Trainer holds the state of a training on the device and runs steps.
type Trainer struct {
	backend compute.Backend
	step    Step
	state   []*tensors.Tensor
	// loop runs several steps, single one; one of them is nil.
	loop, single *Exec
}

// NewTrainer prepares to train from a state. With loops, one call runs several steps, on
// backends that can.
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

// runsLoops says whether a backend executes graph.While with gradients inside.
// XLA does; GoMLX's Go backend (0.1.3) fails with "input … not computed yet".
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
	// What the loop carries: k counts its steps, the rest is as above.
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

// Order is the order in which an epoch visits images, on the device where loops are run:
// full batches as rows, and the smaller last batch.
type Order struct {
	data       Data
	batch      int
	indices    []int32
	rows, rest *tensors.Tensor
}

// NewOrder makes an order of batches of so many images, which are in data at the given
// indices.
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

// Run executes up to count steps of an epoch from the given one on, and
// returns the losses of those that it did: at least one, fewer than count when
// the rest has another batch size or the backend takes one at a time.
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

// One executes one step on the images at the given indices, of a trainer without loops,
// and returns its loss.
func (t *Trainer) One(data Data, indices []int32, extra ...any) (float32, error) {
	args := append([]any{data.Images, data.Labels, tensors.FromFlatDataAndDimensions(indices, len(indices))}, extra...)
	losses, err := t.call(t.single, args...)
	if err != nil {
		return 0, err
	}
	return losses[0], nil
}

// call executes a graph with the state as its last arguments, donated, takes the state
// after it from the results, and returns the losses.
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

// Backend is what computes.
func (t *Trainer) Backend() compute.Backend { return t.backend }

// State is what the training has on the device.
func (t *Trainer) State() []*tensors.Tensor { return t.state }

// Close frees what was compiled and the memory on the device.
func (t *Trainer) Close() {
	if t.loop != nil {
		t.loop.Finalize()
	}
	if t.single != nil {
		t.single.Finalize()
	}
	for _, s := range t.state {
		_ = s.FinalizeAll() // memory of a training that is over
	}
}
