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

// evaluationBatch is the number of images that the device evaluates at once. It
// does not affect results; see PERFORMANCE.md.
const evaluationBatch = 250

// evaluator computes a view of images, with the weights on the device.
type evaluator struct {
	backend compute.Backend
	model   *Model
	weights []*tensors.Tensor
	exec    *Exec
	// titles are the titles of the Print layers, whose values follow those of the view.
	titles []string
}

// view builds the values to compute for a batch of images [batch 28 28 1] in [0, 1].
type view func(c *Context, x *Node) []*Node

// newEvaluator prepares an evaluator. The first batch compiles the graph.
func newEvaluator(backend compute.Backend, model *Model, see view) (*evaluator, error) {
	if err := model.check(); err != nil {
		return nil, err
	}
	e := &evaluator{backend: backend, model: model}
	var err error
	// images [N 784], indices [n], weights → the view, and the values of the Print layers.
	e.exec, err = NewExec(backend, func(in []*Node) []*Node {
		c := model.context(in[2:])
		out := see(c, batchOf(in[0], in[1]))
		e.titles = nil
		for _, p := range c.prints {
			e.titles = append(e.titles, p.title)
			out = append(out, p.node)
		}
		return out
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to evaluate %s: %w", model.Name(), err)
	}
	return e, nil
}

// evaluator is newEvaluator on the process's backend, with the network's weights.
func (n *Network) evaluator(see view) (*evaluator, error) {
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	e, err := newEvaluator(backend, n.Model, see)
	if err != nil {
		return nil, err
	}
	if e.weights, err = n.deviceWeights(); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *evaluator) close() { e.exec.Finalize() }

// outputs is the view for an evaluation: logits [n 10] and features.
func (m *Model) outputs(c *Context, x *Node) []*Node {
	logits, features := m.forward(c, x)
	return []*Node{logits, channelsFirst(features)}
}

// call computes the view of the images at the given indices.
func (e *evaluator) call(images *tensors.Tensor, indices []int32) ([]*tensors.Tensor, error) {
	args := []any{images, tensors.FromFlatDataAndDimensions(indices, len(indices))}
	for _, w := range e.weights {
		args = append(args, w)
	}
	out, err := e.exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", e.model.Name(), err)
	}
	return out, nil
}

// logits computes the logits of the images at the given indices, in this order, batch by
// batch. They are the view's first value.
func (e *evaluator) logits(ctx context.Context, images *tensors.Tensor, indices []int32) (*Tensor, error) {
	all := &Tensor{Shape: []int{len(indices), NumClasses}}
	size := min(evaluationBatch, len(indices))
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
		out, err := e.call(images, batch)
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
	indices := ascending(len(images) / ImagePixels)
	results, err := e.call(engine.Rows(images, len(indices)), indices)
	if err != nil {
		return nil, nil, err
	}
	out, err = fromDevice(results)
	return out, e.titles, err
}
