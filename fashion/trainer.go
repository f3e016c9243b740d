package fashion

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// maxStepsPerCall bounds the steps that one call to the device executes. One
// call per step would cost the softmax regression three times its computation;
// beyond a hundred steps a call there is nothing left to gain.
const maxStepsPerCall = 100

// trainer holds a network's training state on the device and runs steps.
type trainer struct {
	backend   compute.Backend
	model     *Model
	optimizer Optimizer
	data      deviceData
	seed      uint64
	// state is the number of steps done, the weights and the optimizer's
	// slots, as trainState orders them.
	state []*tensors.Tensor
	// steps compiles, for each batch size, the graph that runs several steps.
	loop *Exec
	// single runs one step, for backends without loops.
	single *Exec
}

// newTrainer copies the weights and the optimizer's slots to the device. No
// slots mean that the optimizer starts anew.
func newTrainer(backend compute.Backend, net *Network, optimizer Optimizer, d *Dataset, seed uint64, step int, slots []*Tensor) (*trainer, error) {
	data, err := toDevice(backend, d)
	if err != nil {
		return nil, err
	}
	t := &trainer{
		backend: backend, model: net.Model, optimizer: optimizer, data: data, seed: seed,
	}
	t.state = append(t.state, tensors.FromScalar(int32(step)))
	for _, p := range net.Model.Parameters() {
		weight, _ := net.Weights.Get(p.Name)
		t.state = append(t.state, toTensor(weight))
	}
	if slots == nil {
		slots = newSlots(net.Model, optimizer)
	}
	for _, slot := range slots {
		t.state = append(t.state, toTensor(slot))
	}
	if runsLoops(backend.Name()) && net.Model.quick() {
		t.loop, err = NewExec(backend, t.loopGraph)
	} else {
		t.single, err = NewExec(backend, t.singleGraph)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare to train %s: %w", net.Model.Name(), err)
	}
	return t, nil
}

// newSlots are the optimizer's tensors before the first step: zeros.
func newSlots(model *Model, optimizer Optimizer) []*Tensor {
	var slots []*Tensor
	for _, p := range model.Parameters() {
		if p.Trainable {
			for range optimizer.slots() {
				slots = append(slots, NewTensor(p.Shape...))
			}
		}
	}
	return slots
}

// singleGraph is one step: images, labels, indices, state → loss, state.
func (t *trainer) singleGraph(in []*Node) []*Node {
	state := stateFrom(in[3:], len(t.model.Parameters()))
	loss, state := t.trainStep(in[0], in[1], in[2], state)
	return append([]*Node{loss}, state.nodes()...)
}

// loopGraph runs count steps from the row start of order [rows batch]:
// images, labels, order, start, count, state → losses [maxStepsPerCall],
// state.
func (t *trainer) loopGraph(in []*Node) []*Node {
	images, labels, order, start, count := in[0], in[1], in[2], in[3], in[4]
	g := images.Graph()
	weights := len(t.model.Parameters())
	losses := Zeros(g, shapes.Make(dtypes.Float32, maxStepsPerCall))
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
		loss, state := t.trainStep(images, labels, indices, stateFrom(c[fixed:], weights))
		here := Equal(Iota(g, shapes.Make(dtypes.Int32, maxStepsPerCall), 0), BroadcastToDims(k, maxStepsPerCall))
		losses = Where(here, BroadcastToDims(loss, maxStepsPerCall), losses)
		after := append([]*Node{OnePlus(k)}, c[1:6]...)
		after = append(after, losses)
		return append(after, state.nodes()...)
	})
	out := While(condition, body, initial...)
	return append([]*Node{out[6]}, out[fixed:]...)
}

// epochOrder is the order of one epoch, on the device where loops are run:
// full batches as rows, and the smaller last batch.
type epochOrder struct {
	batch      int
	indices    []int32
	rows, rest *tensors.Tensor
}

func (t *trainer) newOrder(indices []int32, batch int) *epochOrder {
	o := &epochOrder{batch: batch, indices: indices}
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

// size is the number of images in a batch.
func (o *epochOrder) size(step int) int {
	return min(o.batch, len(o.indices)-step*o.batch)
}

// run executes up to count steps of an epoch from the given one on, and
// returns the losses of those that it did: at least one, fewer than count when
// the rest has another batch size or the backend takes one at a time.
func (t *trainer) run(o *epochOrder, first, count int) ([]float32, error) {
	if t.single != nil {
		start := first * o.batch
		indices := tensors.FromFlatDataAndDimensions(o.indices[start:start+o.size(first)], o.size(first))
		out, err := t.call(t.single, t.data.images, t.data.labels, indices)
		if err != nil {
			return nil, err
		}
		loss, err := tensors.CopyFlatData[float32](out)
		return loss, err
	}
	rows, start := o.rows, first
	count = min(count, maxStepsPerCall)
	if full := len(o.indices) / o.batch; first < full {
		count = min(count, full-first)
	} else {
		rows, start, count = o.rest, 0, 1
	}
	out, err := t.call(t.loop, t.data.images, t.data.labels, rows, int32(start), int32(count))
	if err != nil {
		return nil, err
	}
	losses, err := tensors.CopyFlatData[float32](out)
	if err != nil {
		return nil, err
	}
	return losses[:count], nil
}

// call executes a graph with the state as its last arguments, donated, and
// takes the state after it from the results.
func (t *trainer) call(exec *Exec, args ...any) (*tensors.Tensor, error) {
	for _, s := range t.state {
		donated, err := DonateTensorBuffer(s, t.backend, 0)
		if err != nil {
			return nil, fmt.Errorf("training step of %s: %w", t.model.Name(), err)
		}
		args = append(args, donated)
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("training step of %s: %w", t.model.Name(), err)
	}
	t.state = out[1:]
	return out[0], nil
}

// snapshot copies the weights and the optimizer's slots to the host.
func (t *trainer) snapshot() (*Weights, []*Tensor, error) {
	weights := NewWeights()
	parameters := t.model.Parameters()
	for i, p := range parameters {
		value, err := fromTensor(t.state[1+i])
		if err != nil {
			return nil, nil, err
		}
		weights.Set(p.Name, value)
	}
	var slots []*Tensor
	for _, s := range t.state[1+len(parameters):] {
		value, err := fromTensor(s)
		if err != nil {
			return nil, nil, err
		}
		slots = append(slots, value)
	}
	return weights, slots, nil
}

// weightTensors are the weights on the device, for an evaluation between steps.
func (t *trainer) weightTensors() []*tensors.Tensor {
	return t.state[1 : 1+len(t.model.Parameters())]
}

// close frees what was compiled and the memory on the device.
func (t *trainer) close() {
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
