package fashion

import (
	"context"
	"fmt"
	"io"
	"time"

	. "github.com/gomlx/gomlx/core/graph"
)

// Evaluation holds a network's loss and accuracy on a set of images.
type Evaluation struct {
	// Loss is the mean cross-entropy over all images, in nats.
	Loss float64 `json:"loss"`
	// Accuracy is the share of images, from 0 to 1, whose largest logit is that of
	// their label.
	Accuracy float64 `json:"accuracy"`
	// BatchMeanLoss and BatchMeanAccuracy are means over the batches of each
	// batch's mean. They differ slightly from Loss and Accuracy when the last
	// batch is smaller, since its images have a larger weight.
	BatchMeanLoss     float64 `json:"batch_mean_loss"`
	BatchMeanAccuracy float64 `json:"batch_mean_accuracy"`
	// Confusion counts images by label (first index) and predicted class.
	Confusion [NumClasses][NumClasses]int `json:"confusion"`
	// Predicted holds the predicted class of each image, in the loader's order.
	Predicted []int `json:"-"`
	// Losses holds the cross-entropy of each image, in nats, in the same order.
	Losses []float64 `json:"-"`
	// Seconds is the duration in seconds, including compilation.
	Seconds float64 `json:"seconds"`
}

// Evaluate computes the network's loss and accuracy in evaluation mode on all images of a
// loader, in the order of the loader's epoch 0. A network whose weights do not fit its
// model is an error.
func (n *Network) Evaluate(loader *Loader) (*Evaluation, error) {
	return n.EvaluateContext(context.Background(), loader)
}

// EvaluateContext is Evaluate with a context. When the context is done, it returns an
// error after the current batch.
func (n *Network) EvaluateContext(ctx context.Context, loader *Loader) (*Evaluation, error) {
	e, err := n.evaluator(n.Model.logits)
	if err != nil {
		return nil, err
	}
	defer e.close()
	return e.evaluate(ctx, loader)
}

// evaluate computes an Evaluation. The view must be the logits.
func (e *evaluator) evaluate(ctx context.Context, loader *Loader) (*Evaluation, error) {
	start := time.Now()
	indices := loader.Order(0)
	if len(indices) == 0 {
		return nil, fmt.Errorf("evaluate %s: no images, want at least 1", e.model.Name())
	}
	dataset := loader.Subset().Dataset
	logits, err := e.logits(ctx, dataset.data(), indices)
	if err != nil {
		return nil, err
	}
	labels := make([]byte, len(indices))
	for i, index := range indices {
		labels[i] = dataset.Labels[index]
	}
	losses, predicted, err := scoreRows(logits, labels)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", e.model.Name(), err)
	}
	result := summarise(losses, predicted, labels, loader.BatchSize())
	result.Seconds = time.Since(start).Seconds()
	return result, nil
}

// summarise turns each image's loss and predicted class into an Evaluation.
func summarise(losses []float64, predicted []int, labels []byte, batch int) *Evaluation {
	e := &Evaluation{Predicted: predicted, Losses: losses}
	batches := 0
	for start := 0; start < len(losses); start += batch {
		end := min(start+batch, len(losses))
		loss, right := 0.0, 0
		for i := start; i < end; i++ {
			loss += losses[i]
			if predicted[i] == int(labels[i]) {
				right++
			}
			e.Confusion[labels[i]][predicted[i]]++
		}
		n := float64(end - start)
		e.Loss += loss
		e.Accuracy += float64(right)
		e.BatchMeanLoss += loss / n
		e.BatchMeanAccuracy += float64(right) / n
		batches++
	}
	e.Loss /= float64(len(losses))
	e.Accuracy /= float64(len(losses))
	e.BatchMeanLoss /= float64(batches)
	e.BatchMeanAccuracy /= float64(batches)
	return e
}

// ForwardResult holds the output of a network for a batch.
type ForwardResult struct {
	// Logits has shape [batch 10].
	Logits *Tensor
	// Features is the input of the model's last part. For the homework's models
	// it is the flattened output of the convolutions, [batch features].
	Features *Tensor
}

// Forward computes the network's output for a batch in evaluation mode. The values
// of Print layers are written to w, which may be nil. An empty batch is an error.
func (n *Network) Forward(batch Batch, w io.Writer) (*ForwardResult, error) {
	return n.forward(batch, w, n.Model.outputs)
}

// ForwardInTraining is Forward in training mode, which shows the difference between
// the two modes: dropout sets values to zero, chosen by the seed, and batch norm
// uses the mean and variance of the batch. The network does not change.
func (n *Network) ForwardInTraining(batch Batch, seed uint64) (*ForwardResult, error) {
	if err := n.Model.checkBatches(batch.Len(), batch.Len(), 1); err != nil {
		return nil, fmt.Errorf("forward in training: %w", err)
	}
	return n.forward(batch, nil, func(c *Context, x *Node) []*Node {
		c.train(seed, Const(x.Graph(), int32(0)))
		return n.Model.outputs(c, x)
	})
}

// forward computes a view of a batch. The outputs must be the view's first values.
func (n *Network) forward(batch Batch, w io.Writer, see view) (*ForwardResult, error) {
	if batch.Len() == 0 {
		return nil, fmt.Errorf("forward: a batch of 0 images, want at least 1")
	}
	out, titles, err := n.view(batch.Images, see)
	if err != nil {
		return nil, err
	}
	if w != nil {
		for i, title := range titles {
			if _, err := fmt.Fprintf(w, "%s:\n%v\n", title, out[2+i]); err != nil {
				return nil, err
			}
		}
	}
	return &ForwardResult{Logits: out[0], Features: out[1]}, nil
}
