package fashion

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/engine"
)

// Trainer trains a network step by step, in a training loop that you write yourself:
//
//	for epoch := range 10 {
//		for batch := range trainLoader.Batches(epoch) {
//			loss, err := trainer.Step(batch)
//			…
//		}
//		validation, err := trainer.Evaluate(validationLoader)
//		…
//	}
//
// Network.Fit is such a loop. With the same network, loader and settings both give the
// same losses, bit for bit.
type Trainer struct {
	net *Network
	// engine holds the state on the device: the number of completed steps, the weights,
	// the optimizer's slots and the averages, in the order of trainState.
	engine  *engine.Trainer
	devices int        // the number of devices for evaluations
	eval    *evaluator // made by the first evaluation
	first   int        // the number of steps before the first of this trainer
	steps   int
	rate    float64
	seed    uint64
	// averagesAt is the position of the averages in the state, which are last.
	averagesAt int
}

// NewTrainer returns a trainer for a network with an optimizer, on the process's backend. A
// model whose layers do not fit together, weights that are not those of the model, and an
// invalid optimizer are errors. Call Close to release the device's memory.
func NewTrainer(net *Network, optimizer Optimizer) (*Trainer, error) {
	if err := net.Model.check(); err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	r := stepSettings{optimizer: optimizer}
	if err := r.check(net.Model); err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	backend, choice, err := DefaultBackend()
	if err != nil {
		return nil, fmt.Errorf("trainer: %w", err)
	}
	return newTrainer(backend, choice.Devices, net, r, 0, trainerState{}, net.Model.linearOnly())
}

// SeedDropout seeds the dropout masks, as Seed of Training does; the default seed is 0. A
// call after the first step is an error.
func (t *Trainer) SeedDropout(seed uint64) error {
	if t.steps > t.first {
		return fmt.Errorf("trainer: the seed of dropout after %d steps, want it before the first step", t.steps)
	}
	t.seed = seed
	return nil
}

// Step trains the network on one batch: it computes the logits (forward), the mean
// cross-entropy (loss), the loss's gradient with respect to each weight (backward), and
// changes the weights by the optimizer's rule (update). It returns the loss before the
// update, in nats. The network's Weights are those after the step.
//
// Gradients need not be set to zero between steps, unlike in PyTorch: they are values of
// the graph of one step, and do not accumulate.
//
// A loss that is not finite is an ErrDiverged. An empty batch, and a batch with one value
// for each channel of a batch norm layer, are errors.
func (t *Trainer) Step(batch Batch) (float64, error) {
	if err := batch.check(); err != nil {
		return 0, fmt.Errorf("training step: %w", err)
	}
	if err := t.net.Model.checkBatches(batch.Len(), batch.Len(), 1); err != nil {
		return 0, fmt.Errorf("training step: %w", err)
	}
	data := engine.Data{Images: batch.Images, Labels: batch.Labels, Pixels: ImagePixels}
	order, err := t.engine.NewOrder(data, ascending(batch.Len()), batch.Len())
	if err != nil {
		return 0, fmt.Errorf("training step: %w", err)
	}
	losses, err := t.run(order, 0, 1)
	if err != nil {
		return 0, outOfMemory(err, batch.Len())
	}
	t.steps++
	loss := float64(losses[0])
	if !isFinite(loss) {
		return loss, diverged(fmt.Sprintf("the loss became %v in step %d", loss, t.steps), t.rate)
	}
	weights, err := t.weights()
	if err != nil {
		return 0, err
	}
	t.net.Weights = weights
	return loss, nil
}

// Evaluate is Network.Evaluate. It compiles the model once for all evaluations with this
// trainer.
func (t *Trainer) Evaluate(loader *Loader) (*Evaluation, error) {
	return t.evaluate(context.Background(), loader, t.deviceWeights)
}

// evaluate evaluates the weights on the devices that the given function returns.
func (t *Trainer) evaluate(ctx context.Context, loader *Loader, weights func(device int) []*tensors.Tensor) (*Evaluation, error) {
	if t.eval == nil {
		var err error
		if t.eval, err = newEvaluator(t.engine.Backend(), t.devices, t.net.Model, t.net.Model.logits); err != nil {
			return nil, err
		}
	}
	if _, err := t.engine.State().On(t.eval.devices - 1); err != nil {
		return nil, err
	}
	t.eval.weights, t.eval.views = nil, t.net.views
	for device := range *t.engine.State() {
		t.eval.weights = append(t.eval.weights, weights(device))
	}
	return t.eval.evaluate(ctx, loader)
}

// Close releases the compiled graphs and the memory on the device. The network keeps its
// weights.
func (t *Trainer) Close() {
	t.engine.Close()
	if t.eval != nil {
		t.eval.close()
	}
}

// trainerState is the state with which a trainer begins. slots and averages are nil at the
// beginning of a training: then the slots are zeros, and the averages are the weights.
type trainerState struct {
	step     int
	slots    []*Tensor
	averages *Weights
}

// newTrainer returns a trainer on up to the given number of devices. loops selects whether steps
// run in loops or one by one. Single steps may have the learning rate as an extra argument.
func newTrainer(backend compute.Backend, devices int, net *Network, r stepSettings, seed uint64, from trainerState, loops bool) (*Trainer, error) {
	weights, err := net.deviceWeights()
	if err != nil {
		return nil, err
	}
	state := append([]*tensors.Tensor{tensors.FromScalar(int32(from.step))}, weights...)
	slots := from.slots
	if slots == nil {
		slots = newSlots(net.Model, r.optimizer)
	}
	for _, slot := range slots {
		state = append(state, slot.toDevice())
	}
	t := &Trainer{
		net: net, devices: net.Model.devices(devices), first: from.step, steps: from.step,
		rate: r.optimizer.LearningRate, seed: seed, averagesAt: len(state),
	}
	if r.ema.used() {
		averages, err := from.onDevice(net)
		if err != nil {
			return nil, err
		}
		state = append(state, averages...)
	}
	graph := func(images, labels *Node, extra, state []*Node) (*Node, []*Node) {
		var rate *Node
		if len(extra) > 0 {
			rate = extra[0]
		}
		loss, after := net.Model.trainStep(images, labels, stateFrom(state, len(weights), len(slots)), t.seed, r, rate)
		return loss, after.nodes()
	}
	if t.engine, err = engine.NewTrainer(backend, t.devices, state, graph, loops); err != nil {
		return nil, fmt.Errorf("prepare to train %s: %w", net.Model.Name(), err)
	}
	return t, nil
}

// onDevice returns the averages.
func (s trainerState) onDevice(net *Network) ([]*tensors.Tensor, error) {
	if s.averages == nil {
		return net.deviceWeights() // copies: a step donates each tensor once
	}
	return (&Network{Model: net.Model, Weights: s.averages}).deviceWeights()
}

// newSlots returns the optimizer's tensors before the first step: zeros.
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
func (t *Trainer) run(o *engine.Order, first, count int) ([]float32, error) {
	losses, err := t.engine.Run(o, first, count)
	if err != nil {
		return nil, fmt.Errorf("training step of %s: %w", t.net.Model.Name(), err)
	}
	return losses, nil
}

// weights copies the weights to the host.
func (t *Trainer) weights() (*Weights, error) { return t.named(t.deviceWeights(0)) }

// averages copies the averages of the weights to the host. Without averages it returns nil.
func (t *Trainer) averages() (*Weights, error) {
	if len(t.deviceAverages(0)) == 0 {
		return nil, nil
	}
	return t.named(t.deviceAverages(0))
}

// named copies tensors, one for each of the model's parameters, to the host.
func (t *Trainer) named(onDevice []*tensors.Tensor) (*Weights, error) {
	values, err := fromDevice(onDevice)
	if err != nil {
		return nil, err
	}
	weights := new(Weights)
	for i, p := range t.net.Model.Parameters() {
		weights.Set(p.Name, values[i])
	}
	return weights, nil
}

// slots copies the optimizer's slots to the host.
func (t *Trainer) slots() ([]*Tensor, error) {
	return fromDevice((*t.engine.State())[0][1+len(t.net.Model.Parameters()) : t.averagesAt])
}

// deviceWeights returns the weights on a device. The next step donates them.
func (t *Trainer) deviceWeights(device int) []*tensors.Tensor {
	return (*t.engine.State())[device][1 : 1+len(t.net.Model.Parameters())]
}

// deviceAverages returns the averages on a device. The next step donates them.
func (t *Trainer) deviceAverages(device int) []*tensors.Tensor {
	return (*t.engine.State())[device][t.averagesAt:]
}
