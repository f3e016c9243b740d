package engine

import (
	"fmt"
	"slices"
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

// Step builds one training step on a batch of images [n pixels] and labels [n]. It returns the
// batch's mean loss, a scalar, and the state after the step. extra are additional arguments of
// single steps, such as a learning rate.
type Step func(images, labels *Node, extra, state []*Node) (loss *Node, after []*Node)

// Trainer holds the state of a training and runs training steps.
type Trainer struct {
	backend compute.Backend
	step    Step
	state   Replicas
	// loop runs several steps on one device, single runs one step; one of them is nil.
	loop   *Exec
	single *Parallel
}

// NewTrainer returns a trainer that starts with the given state, and takes the state over. If
// loops is true, one call runs several steps, on one device, on backends that support it. Other
// steps are divided over the given number of devices.
func NewTrainer(backend compute.Backend, devices int, state []*tensors.Tensor, step Step, loops bool) (*Trainer, error) {
	t := &Trainer{backend: backend, step: step, state: Replicas{state}}
	var err error
	if loops && runsLoops(backend.Name()) {
		t.loop, err = NewExec(backend, t.loopGraph)
	} else {
		t.single = NewParallel(backend, devices, t.singleGraph)
	}
	return t, err
}

// runsLoops reports whether a backend can execute graph.While with gradients inside.
// XLA can; GoMLX's Go backend (0.1.3) fails with "input … not computed yet".
func runsLoops(backend string) bool {
	return strings.HasPrefix(backend, "xla") || strings.HasPrefix(backend, "stablehlo")
}

// singleGraph is one step: images, labels, extra, state → loss, state.
func (t *Trainer) singleGraph(in []*Node) []*Node {
	state := len(in) - len(t.state[0])
	loss, after := t.step(in[0], in[1], in[2:state], in[state:])
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
		indices := InsertAxes(Reshape(Gather(order, row), order.Shape().Dimensions[1]), -1)
		loss, state := t.step(Gather(images, indices), Gather(labels, indices), nil, c[fixed:])
		here := Equal(Iota(g, shapes.Make(dtypes.Int32, MaxSteps), 0), BroadcastToDims(k, MaxSteps))
		losses = Where(here, BroadcastToDims(loss, MaxSteps), losses)
		after := append([]*Node{OnePlus(k)}, c[1:6]...)
		after = append(after, losses)
		return append(after, state...)
	})
	out := While(condition, body, initial...)
	return append([]*Node{out[6]}, out[fixed:]...)
}

// Order is the order of the images in an epoch. For loops it and the data are on the device:
// the full batches as rows, and the smaller last batch.
type Order struct {
	data       Data
	batch      int
	indices    []int32
	onDevice   []*tensors.Tensor
	rows, rest *tensors.Tensor
}

// NewOrder returns an order: the images of data at the given indices, in batches of the given
// size. The last batch is smaller if the size does not divide the number of indices.
func (t *Trainer) NewOrder(data Data, indices []int32, batch int) (*Order, error) {
	o := &Order{data: data, batch: batch, indices: indices}
	if t.loop == nil {
		return o, nil
	}
	if data.Change != nil { // a loop takes the images from the device: change all of them first
		o.data, o.indices = data.Gather(indices), make([]int32, len(indices))
		for i := range o.indices {
			o.indices[i] = int32(i)
		}
		data, indices = o.data, o.indices
	}
	var err error
	if o.onDevice, err = data.upload(t.backend); err != nil {
		return nil, err
	}
	full := len(indices) / batch
	if full > 0 {
		o.rows = tensors.FromFlatDataAndDimensions(indices[:full*batch], full, batch)
	}
	if rest := indices[full*batch:]; len(rest) > 0 {
		o.rest = tensors.FromFlatDataAndDimensions(rest, 1, len(rest))
	}
	return o, nil
}

// Run executes up to count steps of an epoch, beginning with step first, and returns their
// losses. It executes at least one step. It executes fewer than count if the remaining
// batch has another size, or if steps run one by one.
func (t *Trainer) Run(o *Order, first, count int) ([]float32, error) {
	if t.single != nil {
		start := first * o.batch
		loss, err := t.One(o.data.Gather(o.indices[start:min(start+o.batch, len(o.indices))]))
		return []float32{loss}, err
	}
	rows, start := o.rows, first
	count = min(count, MaxSteps)
	if full := len(o.indices) / o.batch; first < full {
		count = min(count, full-first)
	} else {
		rows, start, count = o.rest, 0, 1
	}
	state, err := t.donate(0)
	if err != nil {
		return nil, err
	}
	args := []any{o.onDevice[0], o.onDevice[1], rows, int32(start), int32(count)}
	out, err := t.loop.Call(append(args, state...)...)
	if err != nil {
		return nil, err
	}
	losses, err := t.take([][]*tensors.Tensor{out})
	if err != nil {
		return nil, err
	}
	return losses[:count], nil
}

// One executes one step on a batch and returns its loss. The trainer must not use loops.
func (t *Trainer) One(batch Data, extra ...any) (float32, error) {
	if _, err := t.state.On(t.single.For(batch.Len()) - 1); err != nil { // before device 0's is donated
		return 0, err
	}
	out, err := t.single.Call(batch, func(device int) ([]any, error) {
		state, err := t.donate(device)
		return append(slices.Clone(extra), state...), err
	})
	if err != nil {
		return 0, err
	}
	losses, err := t.take(out)
	if err != nil {
		return 0, err
	}
	return losses[0], nil
}

// donate donates the state's buffers on a device to a call.
func (t *Trainer) donate(device int) ([]any, error) {
	state, err := t.state.On(device)
	if err != nil {
		return nil, err
	}
	var args []any
	for _, s := range state {
		donated, err := DonateTensorBuffer(s, t.backend, compute.DeviceNum(device))
		if err != nil {
			return nil, err
		}
		args = append(args, donated)
	}
	return args, nil
}

// take replaces the state by the results of a call, [device][losses, state], and returns the
// losses.
func (t *Trainer) take(out [][]*tensors.Tensor) ([]float32, error) {
	t.state.Release() // what is left: copies on devices that the call did not use
	t.state = nil
	var losses Replicas
	for _, results := range out {
		losses, t.state = append(losses, results[:1]), append(t.state, results[1:])
	}
	defer losses.Release()
	return tensors.CopyFlatData[float32](losses[0][0])
}

// Backend returns the backend.
func (t *Trainer) Backend() compute.Backend { return t.backend }

// State returns the tensors of the current state on each device that has them. The next step
// donates them.
func (t *Trainer) State() *Replicas { return &t.state }

// Close releases the compiled graphs and the memory on the devices.
func (t *Trainer) Close() {
	if t.loop != nil {
		t.loop.Finalize()
	}
	if t.single != nil {
		t.single.Close()
	}
	t.state.Release()
}
