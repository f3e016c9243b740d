package fashion

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

// PyTorch's defaults for nn.BatchNorm1d and nn.BatchNorm2d.
const (
	batchNormEpsilon  = 1e-5
	batchNormMomentum = 0.1
)

type batchNorm struct {
	channels, dims int
}

// BatchNorm2D is PyTorch's nn.BatchNorm2d(channels) for images. In training it
// subtracts the batch's mean of each channel and divides by √(variance+1e-5),
// with the biased variance; then it scales by weight and adds bias. The
// running mean and the running (unbiased) variance move by a tenth towards the
// batch's, and take their place in evaluation.
func BatchNorm2D(channels int) Layer { return batchNorm{channels, 2} }

// BatchNorm1D is PyTorch's nn.BatchNorm1d(features) for rows of features; see
// BatchNorm2D.
func BatchNorm1D(features int) Layer { return batchNorm{features, 1} }

func (b batchNorm) Kind() string { return fmt.Sprintf("BatchNorm%dd", b.dims) }

func (b batchNorm) String() string {
	return fmt.Sprintf("%s(%d, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", b.Kind(), b.channels)
}

func (b batchNorm) OutputShape(input []int) ([]int, error) {
	if b.channels < 1 {
		return nil, fmt.Errorf("%v needs at least one channel", b)
	}
	if want := 2*b.dims - 1; len(input) != want {
		return nil, fmt.Errorf("%v takes shapes with %d axes besides the batch, got %v", b, want, input)
	}
	if input[0] != b.channels {
		return nil, fmt.Errorf("%v takes %d channels, got %d", b, b.channels, input[0])
	}
	return input, nil
}

func (b batchNorm) Parameters() []ParameterSpec {
	shape := []int{b.channels}
	return []ParameterSpec{
		{Name: "weight", Shape: shape, InitialValue: 1, Trainable: true},
		{Name: "bias", Shape: shape, Trainable: true},
		{Name: "running_mean", Shape: shape},
		{Name: "running_var", Shape: shape, InitialValue: 1},
		{Name: "num_batches_tracked", Shape: []int{}, Integer: true},
	}
}

func (b batchNorm) Build(c *Context, x *graph.Node) *graph.Node {
	if !c.Training() {
		scale, shift := batchNormScaleAndShift(c)
		return graph.Add(graph.Mul(x, kernels.AlongChannels(scale, x)), kernels.AlongChannels(shift, x))
	}
	y, mean, variance := kernels.BatchNorm(x, c.Parameter("weight"), c.Parameter("bias"), batchNormEpsilon)
	updateRunning(c, x, mean, variance)
	return y
}

// batchNormScaleAndShift returns what evaluation multiplies each channel by and then
// adds, [C] each, from the parameters of the layer that the context stands at.
func batchNormScaleAndShift(c *Context) (scale, shift *graph.Node) {
	deviation := graph.Sqrt(graph.AddScalar(c.Parameter("running_var"), batchNormEpsilon))
	scale = graph.Div(c.Parameter("weight"), deviation)
	return scale, graph.Sub(c.Parameter("bias"), graph.Mul(c.Parameter("running_mean"), scale))
}

// updateRunning moves the running statistics of the layer that the context
// stands at towards the mean and the biased variance [C] of the batch x.
func updateRunning(c *Context, x, mean, variance *graph.Node) {
	// The running variance is unbiased: n/(n-1) times the batch's.
	n := float64(x.Shape().Size() / mean.Shape().Size())
	unbiased := graph.MulScalar(variance, n/max(n-1, 1))
	c.Update("running_mean", moveTowards(c.Parameter("running_mean"), mean))
	c.Update("running_var", moveTowards(c.Parameter("running_var"), unbiased))
	c.Update("num_batches_tracked", graph.OnePlus(c.Parameter("num_batches_tracked")))
}

// moveTowards moves a running statistic by batch norm's momentum.
func moveTowards(running, batch *graph.Node) *graph.Node {
	return graph.Add(graph.MulScalar(running, 1-batchNormMomentum), graph.MulScalar(batch, batchNormMomentum))
}

// checkBatches refuses, as PyTorch does, to train batch norm on a single value for each
// channel, whose variance is 0: "Expected more than 1 value per channel when training".
// That happens where a batch of one image meets batch norm without rows and columns. It
// looks at the batches of a training of so many steps.
func (m *Model) checkBatches(images, batch, steps int) error {
	layer := m.loneBatchNorm()
	if layer == "" || images == 0 {
		return nil
	}
	full := images / batch
	switch {
	case batch == 1 || images == 1:
		return fmt.Errorf("model %s, layer %s: batch norm needs at least 2 images in a batch, these are batches of 1; take batches of 2 or more", m.name, layer)
	case images%batch == 1 && steps > full:
		return fmt.Errorf("model %s, layer %s: batch norm needs at least 2 images in a batch, and %d images in batches of %d leave 1 for the last; batches of %d work", m.name, layer, images, batch, nearestBatch(images, batch))
	}
	return nil
}

// loneBatchNorm names the first layer of batch norm that sees one value for each channel
// of an image, or "".
func (m *Model) loneBatchNorm() string {
	summary, err := m.Summary()
	if err != nil {
		return "" // reported by whoever checks the model
	}
	for i, s := range m.layers() {
		if _, ok := s.layer.(batchNorm); ok && sizeOf(summary.Layers[i].OutputShape[1:]) == 1 {
			return summary.Layers[i].Name
		}
	}
	return ""
}

// nearestBatch is the batch size nearest to the given one that leaves no batch of one
// image; of at least 2 images all together are such a batch.
func nearestBatch(images, batch int) int {
	for distance := 1; ; distance++ {
		for _, size := range []int{batch - distance, batch + distance} {
			if size >= 2 && images%size != 1 {
				return size
			}
		}
	}
}
