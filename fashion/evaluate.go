package fashion

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Evaluation says how well a network does on a set of images.
type Evaluation struct {
	// Loss is the mean cross-entropy over all images, in nats.
	Loss float64 `json:"loss"`
	// Accuracy is the share of images whose largest logit is at their label.
	Accuracy float64 `json:"accuracy"`
	// BatchMeanLoss and BatchMeanAccuracy are the means over the batches of
	// each batch's mean. When the last batch is smaller its images weigh more
	// here, so that these differ a little from Loss and Accuracy.
	BatchMeanLoss     float64 `json:"batch_mean_loss"`
	BatchMeanAccuracy float64 `json:"batch_mean_accuracy"`
	// Confusion counts images by label (first index) and predicted class.
	Confusion [NumClasses][NumClasses]int `json:"confusion"`
	// Predicted has the predicted class of each image, in the loader's order.
	Predicted []int `json:"-"`
	// Seconds is the time that it took, compiling included.
	Seconds float64 `json:"seconds"`
}

// Evaluate computes loss and accuracy of a network in evaluation mode on all
// images of a loader, in the loader's order.
func Evaluate(net *Network, loader *Loader) (*Evaluation, error) {
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	e, err := newEvaluator(backend, net.Model)
	if err != nil {
		return nil, err
	}
	defer e.close()
	weights, err := net.deviceWeights()
	if err != nil {
		return nil, err
	}
	return e.evaluate(weights, loader)
}

// deviceWeights are the weights as tensors for GoMLX, in the model's order.
func (n *Network) deviceWeights() ([]*tensors.Tensor, error) {
	if err := n.Weights.check(n.Model); err != nil {
		return nil, err
	}
	var weights []*tensors.Tensor
	for _, p := range n.Model.Parameters() {
		t, _ := n.Weights.Get(p.Name)
		weights = append(weights, toTensor(t))
	}
	return weights, nil
}

// evaluationBatch is how many images the device evaluates at once. It changes
// no result; see PERFORMANCE.md.
const evaluationBatch = 250

// evaluator runs a model in evaluation mode.
type evaluator struct {
	backend compute.Backend
	model   *Model
	exec    *Exec
	titles  []string
	// training computes as in training instead: dropout drops by seed, and batch
	// norm uses the batch's own statistics.
	training bool
	seed     uint64
}

// newEvaluator compiles nothing yet; the first batch does.
func newEvaluator(backend compute.Backend, model *Model) (*evaluator, error) {
	e := &evaluator{backend: backend, model: model}
	if err := model.check(); err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, e.graph)
	if err != nil {
		return nil, fmt.Errorf("prepare to evaluate %s: %w", model.Name(), err)
	}
	e.exec = exec
	return e, nil
}

func (e *evaluator) close() { e.exec.Finalize() }

// graph: images [N 784], indices [n], weights → logits [n 10], features, and
// what the Print layers show.
func (e *evaluator) graph(in []*Node) []*Node {
	c := &Context{training: e.training, seed: e.seed, nodes: map[string]*Node{}, updates: map[string]*Node{}}
	for i, p := range e.model.Parameters() {
		c.nodes[p.Name] = in[2+i]
	}
	if e.training {
		c.step = Const(in[0].Graph(), int32(0))
	}
	logits, features := e.model.forward(c, batchOf(in[0], in[1]))
	if features.Rank() == 4 {
		features = TransposeAllAxes(features, 0, 3, 1, 2)
	}
	out := []*Node{logits, features}
	e.titles = nil
	for _, p := range c.prints {
		e.titles = append(e.titles, p.title)
		out = append(out, p.node)
	}
	return out
}

// call evaluates the images at the given indices.
func (e *evaluator) call(weights []*tensors.Tensor, images *tensors.Tensor, indices []int32) ([]*tensors.Tensor, error) {
	args := []any{images, tensors.FromFlatDataAndDimensions(indices, len(indices))}
	for _, w := range weights {
		args = append(args, w)
	}
	out, err := e.exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", e.model.Name(), err)
	}
	return out, nil
}

// logits computes the logits of the images at the given indices, in order.
func (e *evaluator) logits(weights []*tensors.Tensor, d *Dataset, indices []int32) (*Tensor, error) {
	data, err := toDevice(e.backend, d)
	if err != nil {
		return nil, err
	}
	all := &Tensor{Shape: []int{len(indices), NumClasses}}
	size := min(evaluationBatch, len(indices))
	for start := 0; start < len(indices); start += size {
		batch := slices.Clone(indices[start:min(start+size, len(indices))])
		n := len(batch)
		for len(batch) < size {
			// The graph is compiled for one size: the last batch is filled up,
			// and what it computes for the filling is dropped.
			batch = append(batch, batch[0])
		}
		out, err := e.call(weights, data.images, batch)
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
			_ = t.FinalizeAll() // frees the device's memory early; nothing depends on it
		}
	}
	return all, nil
}

func (e *evaluator) evaluate(weights []*tensors.Tensor, loader *Loader) (*Evaluation, error) {
	start := time.Now()
	indices := loader.Order(0)
	if len(indices) == 0 {
		return nil, fmt.Errorf("evaluate %s: no images", e.model.Name())
	}
	dataset := loader.Subset().Dataset
	logits, err := e.logits(weights, dataset, indices)
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
	e := &Evaluation{Predicted: predicted}
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

// Output is what a network computes for a batch.
type Output struct {
	// Logits has shape [batch 10].
	Logits *Tensor
	// Features are what enters the model's last part, for the homework's
	// models the flattened output of what comes before the linear layers.
	Features *Tensor
}

// Forward computes a network's output for a batch in evaluation mode. What
// Print layers show is written to w, which may be nil.
func (n *Network) Forward(batch Batch, w io.Writer) (*Output, error) {
	return n.forward(batch, w, evaluator{})
}

// ForwardInTraining is Forward in training mode, to see the difference that it
// makes: dropout sets values to zero, chosen by the seed, and batch norm
// takes mean and variance from the batch. Nothing is learnt by it.
func (n *Network) ForwardInTraining(batch Batch, seed uint64) (*Output, error) {
	if err := n.Model.checkBatches(batch.Len(), batch.Len(), 1); err != nil {
		return nil, fmt.Errorf("forward in training: %w", err)
	}
	return n.forward(batch, nil, evaluator{training: true, seed: seed})
}

// forward computes a batch in the mode that the evaluator says.
func (n *Network) forward(batch Batch, w io.Writer, mode evaluator) (*Output, error) {
	if batch.Len() == 0 {
		return nil, fmt.Errorf("forward: the batch is empty")
	}
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	e, err := newEvaluator(backend, n.Model)
	if err != nil {
		return nil, err
	}
	defer e.close()
	e.training, e.seed = mode.training, mode.seed
	weights, err := n.deviceWeights()
	if err != nil {
		return nil, err
	}
	images := tensors.FromFlatDataAndDimensions(batch.Images, batch.Len(), ImagePixels)
	indices := make([]int32, batch.Len())
	for i := range indices {
		indices[i] = int32(i)
	}
	out, err := e.call(weights, images, indices)
	if err != nil {
		return nil, err
	}
	host := make([]*Tensor, len(out))
	for i, t := range out {
		if host[i], err = fromTensor(t); err != nil {
			return nil, err
		}
	}
	if w != nil {
		for i, title := range e.titles {
			if _, err := fmt.Fprintf(w, "%s:\n%v\n", title, host[2+i]); err != nil {
				return nil, err
			}
		}
	}
	return &Output{Logits: host[0], Features: host[1]}, nil
}

// Prediction is a network's answer for one image.
type Prediction struct {
	// Index is the image's place in its data set.
	Index int `json:"index"`
	// Label is the true class, -1 when it is not known.
	Label int `json:"label"`
	// Predicted is the class with the largest logit.
	Predicted int `json:"predicted"`
	// Logits are the network's ten outputs, Probabilities their softmax.
	Logits        [NumClasses]float64 `json:"logits"`
	Probabilities [NumClasses]float64 `json:"probabilities"`
}

// Predict classifies images, in evaluation mode.
func Predict(net *Network, images ...Image) ([]Prediction, error) {
	if len(images) == 0 {
		return nil, fmt.Errorf("predict: no images")
	}
	var batch Batch
	for _, image := range images {
		if len(image.Pixels) != ImagePixels {
			return nil, fmt.Errorf("predict: image %d has %d pixels, want %d", image.Index, len(image.Pixels), ImagePixels)
		}
		batch.Images = append(batch.Images, image.Pixels...)
		batch.Labels = append(batch.Labels, 0)
	}
	out, err := net.Forward(batch, nil)
	if err != nil {
		return nil, err
	}
	probabilities := out.Logits.Softmax()
	predictions := make([]Prediction, len(images))
	for i, image := range images {
		p := &predictions[i]
		p.Index, p.Label = image.Index, image.Label
		best := math.Inf(-1)
		for c := range NumClasses {
			p.Logits[c] = float64(out.Logits.Data[i*NumClasses+c])
			p.Probabilities[c] = float64(probabilities.Data[i*NumClasses+c])
			if p.Logits[c] > best {
				best, p.Predicted = p.Logits[c], c
			}
		}
	}
	return predictions, nil
}
