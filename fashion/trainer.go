package fashion

import (
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/engine"
)

// trainer trains a model on the device. Its state is the number of steps done, the weights
// and the optimizer's slots, as trainState orders them.
type trainer struct {
	*engine.Trainer
	model *Model
}

// newTrainer copies the weights and the optimizer's slots to the device. No
// slots mean that the optimizer starts anew.
func newTrainer(backend compute.Backend, net *Network, optimizer Optimizer, d *Dataset, seed uint64, step int, slots []*Tensor) (*trainer, error) {
	rule := func([]*Node) updateRule { return optimizer.update }
	return startTrainer(backend, net, optimizer, d, seed, step, slots, rule, net.Model.quick())
}

// startTrainer is newTrainer with a rule of its own, which may depend on the step's extra
// arguments, and with steps in loops or one by one.
func startTrainer(backend compute.Backend, net *Network, optimizer Optimizer, d *Dataset, seed uint64, step int, slots []*Tensor,
	rule func(extra []*Node) updateRule, loops bool,
) (*trainer, error) {
	data, err := toDevice(backend, d)
	if err != nil {
		return nil, err
	}
	weights, err := net.deviceWeights()
	if err != nil {
		return nil, err
	}
	state := append([]*tensors.Tensor{tensors.FromScalar(int32(step))}, weights...)
	if slots == nil {
		slots = newSlots(net.Model, optimizer)
	}
	for _, slot := range slots {
		state = append(state, toTensor(slot))
	}
	graph := func(images, labels, indices *Node, extra, state []*Node) (*Node, []*Node) {
		loss, after := net.Model.trainStep(images, labels, indices, stateFrom(state, len(weights)), seed, len(optimizer.slots()), rule(extra))
		return loss, after.nodes()
	}
	t := &trainer{model: net.Model}
	if t.Trainer, err = engine.NewTrainer(backend, data, state, graph, loops); err != nil {
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

// run executes up to count steps of an epoch; see engine.Trainer.Run.
func (t *trainer) run(o *engine.Order, first, count int) ([]float32, error) {
	losses, err := t.Run(o, first, count)
	if err != nil {
		return nil, fmt.Errorf("training step of %s: %w", t.model.Name(), err)
	}
	return losses, nil
}

// snapshot copies the weights and the optimizer's slots to the host.
func (t *trainer) snapshot() (*Weights, []*Tensor, error) {
	state, err := fromTensors(t.State()[1:])
	if err != nil {
		return nil, nil, err
	}
	weights := NewWeights()
	parameters := t.model.Parameters()
	for i, p := range parameters {
		weights.Set(p.Name, state[i])
	}
	return weights, state[len(parameters):], nil
}

// weightTensors are the weights on the device, for an evaluation between steps.
func (t *trainer) weightTensors() []*tensors.Tensor {
	return t.State()[1 : 1+len(t.model.Parameters())]
}
