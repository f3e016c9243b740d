package fashion

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/engine"
)

// The number of images that the devices evaluate at once, or a few more. It does not affect
// results; see PERFORMANCE.md.
const (
	evaluationBatch = 250
	// linearBatch is that of linear models, whose computation takes less time than the call.
	linearBatch = 5000
)

// evaluator computes a view of images, with the weights on the devices.
type evaluator struct {
	model   *Model
	devices int
	views   []View // of test-time augmentation
	weights engine.Replicas
	exec    *engine.Parallel
	// titles are the titles of the Print layers, whose values follow those of the view.
	titles []string
}

// view builds the values to compute for a batch of images [batch 28 28 1] in [0, 1].
type view func(c *Context, x *Node) []*Node

// newEvaluator prepares an evaluator on up to the given number of devices. The first batch
// compiles the graph.
func newEvaluator(backend compute.Backend, devices int, model *Model, see view) (*evaluator, error) {
	if err := model.check(); err != nil {
		return nil, err
	}
	e := &evaluator{model: model, devices: model.devices(devices)}
	// images [n 784], weights → the view, and the values of the Print layers.
	e.exec = engine.NewParallel(backend, e.devices, func(in []*Node) []*Node {
		c := model.context(in[1:])
		out := see(c, pixelsOf(in[0]))
		e.titles = nil
		for _, p := range c.prints {
			e.titles = append(e.titles, p.title)
			out = append(out, p.node)
		}
		return out
	})
	return e, nil
}

// evaluator is newEvaluator on the process's backend, with the network's weights.
func (n *Network) evaluator(see view) (*evaluator, error) {
	backend, choice, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	e, err := newEvaluator(backend, choice.Devices, n.Model, see)
	if err != nil {
		return nil, err
	}
	weights, err := n.deviceWeights()
	if err != nil {
		e.close()
		return nil, err
	}
	e.weights, e.views = engine.Replicas{weights}, n.views
	return e, nil
}

func (e *evaluator) close() { e.exec.Close() }

// outputs is the view of logits [n 10] and features.
func (m *Model) outputs(c *Context, x *Node) []*Node {
	logits, features := m.forward(c, x)
	return []*Node{logits, channelsFirst(features)}
}

// logits is the view of logits [n 10] alone, for evaluations.
func (m *Model) logits(c *Context, x *Node) []*Node {
	logits, _ := m.forward(c, x)
	return []*Node{logits}
}

// call computes the view of a batch of images.
func (e *evaluator) call(batch engine.Data) ([]*tensors.Tensor, error) {
	batch.Labels = nil // the graph has no argument for them
	out, err := e.exec.Call(batch, func(device int) (args []any, err error) {
		weights, err := e.weights.On(device)
		for _, w := range weights {
			args = append(args, w)
		}
		return args, err
	})
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", e.model.Name(), err)
	}
	engine.Replicas(out[1:]).Release()
	return out[0], nil
}

// viewLogits computes the logits of the images at the given indices, in this order, batch by
// batch. They are the view's first value.
func (e *evaluator) viewLogits(ctx context.Context, images engine.Data, indices []int32) (*Tensor, error) {
	all := &Tensor{Shape: []int{len(indices), NumClasses}}
	size := evaluationBatch
	if e.model.linearOnly() {
		size = linearBatch
	}
	size = min(size, len(indices))
	size += (e.devices - size%e.devices) % e.devices // equal parts for all devices
	for start := 0; start < len(indices); start += size {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("evaluate %s: stopped after %d of %d images: %w", e.model.Name(), start, len(indices), context.Cause(ctx))
		}
		batch := slices.Clone(indices[start:min(start+size, len(indices))])
		n := len(batch)
		for len(batch) < size {
			// The graph is compiled for one batch size, so the last batch is
			// padded, and the results for the padding are dropped.
			batch = append(batch, batch[0])
		}
		out, err := e.call(images.Gather(batch))
		if err != nil {
			return nil, err
		}
		err = tensors.ConstFlatData(out[0], func(flat []float32) {
			all.Data = append(all.Data, flat[:n*NumClasses]...)
		})
		if err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", e.model.Name(), err)
		}
		for _, t := range out {
			_ = t.FinalizeAll() // an error only delays the release of the device's memory
		}
	}
	return all, nil
}

// view computes a view of images, given as consecutive bytes, in one batch.
func (n *Network) view(images []byte, see view) (out []*Tensor, titles []string, err error) {
	e, err := n.evaluator(see)
	if err != nil {
		return nil, nil, err
	}
	defer e.close()
	results, err := e.call(engine.Data{Images: images, Pixels: ImagePixels})
	if err != nil {
		return nil, nil, err
	}
	out, err = fromDevice(results)
	return out, e.titles, err
}
