package fashion

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

// PyTorch's defaults for nn.BatchNorm1d and nn.BatchNorm2d.
const (
	batchNormEpsilon  = 1e-5
	batchNormMomentum = 0.1
)

type batchNorm struct {
	channels, dims    int
	epsilon, momentum float64
	frozen            frozen
}

// BatchNormOption changes one of batch norm's settings: Momentum, Epsilon or Frozen.
type BatchNormOption interface{ setBatchNorm(*batchNorm) }

type batchNormSetting func(*batchNorm)

func (set batchNormSetting) setBatchNorm(b *batchNorm) { set(b) }

// Momentum sets the weight of a batch in the running statistics (default 0.1). As in PyTorch,
// it is the new value's weight, not the old one's.
func Momentum(momentum float64) BatchNormOption {
	return batchNormSetting(func(b *batchNorm) { b.momentum = momentum })
}

// Epsilon sets the number that is added to the variance (default 1e-5).
func Epsilon(epsilon float64) BatchNormOption {
	return batchNormSetting(func(b *batchNorm) { b.epsilon = epsilon })
}

// BatchNorm2D is PyTorch's nn.BatchNorm2d(channels) for images [channels height
// width]; the shape does not change. In training it subtracts the batch's mean of
// each channel and divides by √(variance+1e-5), with the biased variance; then it
// multiplies by weight and adds bias, both [channels]. Each training step updates
// the running mean and the running (unbiased) variance: nine tenths of the old
// value plus one tenth of the batch's. Evaluation uses these running statistics
// instead of the batch's. The options are Momentum, Epsilon and Frozen: Frozen("weight")
// is batch norm without a scale, whose weight stays 1, and Frozen("bias") without a shift.
func BatchNorm2D(channels int, options ...BatchNormOption) Layer {
	return newBatchNorm(channels, 2, options)
}

// BatchNorm1D is PyTorch's nn.BatchNorm1d(features) for vectors [features]; see
// BatchNorm2D.
func BatchNorm1D(features int, options ...BatchNormOption) Layer {
	return newBatchNorm(features, 1, options)
}

func newBatchNorm(channels, dims int, options []BatchNormOption) batchNorm {
	b := batchNorm{channels: channels, dims: dims, epsilon: batchNormEpsilon, momentum: batchNormMomentum}
	for _, option := range options {
		option.setBatchNorm(&b)
	}
	return b
}

func (b batchNorm) Kind() string { return fmt.Sprintf("BatchNorm%dd", b.dims) }

func (b batchNorm) String() string {
	return fmt.Sprintf("%s(%d, eps=%s, momentum=%s, affine=True, track_running_stats=True)", b.Kind(), b.channels, pythonFloat(b.epsilon), pythonFloat(b.momentum))
}

func (b batchNorm) OutputShape(input []int) ([]int, error) {
	if err := b.frozen.check(); err != nil {
		return nil, fmt.Errorf("%v: %w", b, err)
	}
	if !(b.momentum >= 0 && b.momentum <= 1) || !(b.epsilon >= 0) || math.IsInf(b.epsilon, 0) {
		return nil, fmt.Errorf("%v: momentum %v and ε %v, want 0 ≤ momentum ≤ 1 and 0 ≤ ε", b, b.momentum, b.epsilon)
	}
	if b.channels < 1 {
		return nil, fmt.Errorf("%v: %d channels, want at least 1", b, b.channels)
	}
	if want := 2*b.dims - 1; len(input) != want {
		return nil, fmt.Errorf("%v: input of shape %v, want %d axes besides the batch", b, input, want)
	}
	if input[0] != b.channels {
		return nil, fmt.Errorf("%v: input with %d channels, want %d", b, input[0], b.channels)
	}
	return input, nil
}

func (b batchNorm) Parameters() []ParameterSpec {
	shape := []int{b.channels}
	return b.frozen.apply([]ParameterSpec{
		{Name: "weight", Shape: shape, InitialValue: 1, Trainable: true},
		{Name: "bias", Shape: shape, Trainable: true},
		{Name: "running_mean", Shape: shape},
		{Name: "running_var", Shape: shape, InitialValue: 1},
		{Name: "num_batches_tracked", Shape: []int{}, Integer: true},
	})
}

func (b batchNorm) Build(c *Context, x *graph.Node) *graph.Node {
	if !c.Training() {
		scale, shift := b.scaleAndShift(c)
		return graph.Add(graph.Mul(x, kernels.AlongChannels(scale, x)), kernels.AlongChannels(shift, x))
	}
	y, mean, variance := kernels.BatchNorm(x, c.Parameter("weight"), c.Parameter("bias"), b.epsilon)
	b.updateRunning(c, x, mean, variance)
	return y
}

// scaleAndShift returns the factor and the summand, [C] each, that evaluation
// applies to each channel, from the parameters of the context's current layer.
func (b batchNorm) scaleAndShift(c *Context) (scale, shift *graph.Node) {
	deviation := graph.Sqrt(graph.AddScalar(c.Parameter("running_var"), b.epsilon))
	scale = graph.Div(c.Parameter("weight"), deviation)
	return scale, graph.Sub(c.Parameter("bias"), graph.Mul(c.Parameter("running_mean"), scale))
}

// updateRunning updates the running statistics of the context's current layer
// with the mean and the biased variance [C] of the batch x.
func (b batchNorm) updateRunning(c *Context, x, mean, variance *graph.Node) {
	// The running variance is unbiased: n/(n-1) times the batch's.
	n := float64(x.Shape().Size() / mean.Shape().Size())
	unbiased := graph.MulScalar(variance, n/max(n-1, 1))
	moveTowards := func(running, batch *graph.Node) *graph.Node {
		return graph.Add(graph.MulScalar(running, 1-b.momentum), graph.MulScalar(batch, b.momentum))
	}
	c.Update("running_mean", moveTowards(c.Parameter("running_mean"), mean))
	c.Update("running_var", moveTowards(c.Parameter("running_var"), unbiased))
	c.Update("num_batches_tracked", graph.OnePlus(c.Parameter("num_batches_tracked")))
}

// checkBatches returns an error if batch norm would be trained on a single value for
// each channel, whose variance is 0. PyTorch refuses that too: "Expected more than 1
// value per channel when training". It happens when a batch has one image and batch
// norm's input has no rows and columns. steps is the number of training steps.
func (m *Model) checkBatches(images, batch, steps int) error {
	layer := loneBatchNorm(m.layers(), inputShape())
	if layer == "" || images == 0 {
		return nil
	}
	full := images / batch
	switch {
	case batch == 1 || images == 1:
		return fmt.Errorf("model %s, layer %s: batches of 1 image, want at least 2 for batch norm; use batches of 2 or more", m.name, layer)
	case images%batch == 1 && steps > full:
		return fmt.Errorf("model %s, layer %s: %d images in batches of %d leave 1 image for the last batch, want at least 2 for batch norm; batches of %d work", m.name, layer, images, batch, nearestBatch(images, batch))
	}
	return nil
}

// loneBatchNorm returns the name of the first batch norm layer whose input has a single
// value for each channel of an image, or "". shape is the shape of the first layer's input.
func loneBatchNorm(layers []placedLayer, shape []int) string {
	for _, s := range layers {
		if r, ok := s.layer.(residual); ok {
			for _, path := range r.paths(s.prefix) {
				if name := loneBatchNorm(path, shape); name != "" {
					return name
				}
			}
		}
		output, err := s.layer.OutputShape(shape)
		if err != nil {
			return "" // the check of the model reports it
		}
		if _, ok := s.layer.(batchNorm); ok && sizeOf(output[1:]) == 1 {
			return s.name()
		}
		shape = output
	}
	return ""
}

// nearestBatch returns the batch size nearest to the given one that leaves no batch of
// one image. There is always one for 2 or more images: a single batch with all of them.
func nearestBatch(images, batch int) int {
	for distance := 1; ; distance++ {
		for _, size := range []int{batch - distance, batch + distance} {
			if size >= 2 && images%size != 1 {
				return size
			}
		}
	}
}
