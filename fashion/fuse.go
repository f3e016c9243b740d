package fashion

import (
	. "github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

// This file builds runs of layers together where that gives the same values
// with fewer passes over memory, which is what convolutional networks on a CPU
// wait for after the convolutions themselves:
//
//   - the largest value of a window is found before a bias is added and before
//     ReLU, which keep the order of values: on a quarter of the elements;
//   - a bias in front of batch norm is left out in training, since the batch's
//     mean takes it away again: it moves the running mean only. Its gradient
//     is zero (PyTorch's is the rounding error around zero);
//   - batch norm in evaluation is a scale and a shift for each channel, which
//     the convolution before it takes into its kernel and bias.
//
// TestFusedLayersEqualSeparateOnes compares each with the layers one by one.

// fusedLayers is a run of layers that is built as one. Absent layers are nil.
type fusedLayers struct {
	conv, norm *placedLayer
	relu       bool
	pool       int // the kernel of a max pooling, 0 for none
	length     int
}

// nextFused returns the longest run of layers at the beginning of a list that can be fused;
// its length is 0 where nothing is gained.
func nextFused(layers []placedLayer) fusedLayers {
	// The last part's input is an output of the model: stop in front of it.
	for i := range layers {
		if layers[i].last != layers[0].last {
			layers = layers[:i]
			break
		}
	}
	var s fusedLayers
	if s.length < len(layers) {
		if _, ok := layers[s.length].layer.(conv2D); ok {
			s.conv = &layers[s.length]
			s.length++
		}
	}
	if s.length < len(layers) {
		if b, ok := layers[s.length].layer.(batchNorm); ok && b.dims == 2 {
			s.norm = &layers[s.length]
			s.length++
		}
	}
	if s.length+1 < len(layers) {
		_, isReLU := layers[s.length].layer.(relu)
		if pool, ok := layers[s.length+1].layer.(maxPool); ok && isReLU {
			s.relu, s.pool = true, pool.kernel
			s.length += 2
		}
	}
	if s.length < 2 {
		s.length = 0
	}
	return s
}

// build adds the layers to a graph.
func (s fusedLayers) build(c *Context, x *Node) *Node {
	if s.norm != nil && c.training {
		return s.buildTraining(c, x)
	}
	var bias *Node // added after the pooling
	switch {
	case s.conv != nil:
		conv := s.conv.layer.(conv2D)
		c.prefix = s.conv.prefix
		kernel := c.Parameter("weight")
		if conv.bias {
			bias = c.Parameter("bias")
		}
		if s.norm != nil {
			c.prefix = s.norm.prefix
			scale, shift := batchNormScaleAndShift(c)
			kernel = Mul(kernel, BroadcastToShape(Reshape(scale, -1, 1, 1, 1), kernel.Shape()))
			if bias != nil {
				shift = Add(shift, Mul(bias, scale))
			}
			bias = shift
		}
		x = conv.apply(x, kernel)
	case s.norm != nil:
		c.prefix = s.norm.prefix
		x = s.norm.layer.Build(c, x)
	}
	if s.pool > 0 {
		x = kernels.MaxPool2D(x, s.pool)
	}
	if bias != nil {
		x = Add(x, kernels.AlongChannels(bias, x))
	}
	if s.relu {
		x = kernels.ReLU(x)
	}
	return x
}

// buildTraining is build with batch norm in training mode.
func (s fusedLayers) buildTraining(c *Context, x *Node) *Node {
	var bias *Node
	if s.conv != nil {
		conv := s.conv.layer.(conv2D)
		c.prefix = s.conv.prefix
		x = conv.apply(x, c.Parameter("weight"))
		if conv.bias {
			bias = StopGradient(c.Parameter("bias"))
		}
	}
	c.prefix = s.norm.prefix
	gamma, beta := c.Parameter("weight"), c.Parameter("bias")
	var y, mean, variance *Node
	if s.pool == 2 {
		y, mean, variance = kernels.BatchNormReLUMaxPool(x, gamma, beta, batchNormEpsilon)
	} else {
		y, mean, variance = kernels.BatchNorm(x, gamma, beta, batchNormEpsilon)
		if s.pool > 0 {
			y = kernels.ReLU(kernels.MaxPool2D(y, s.pool))
		}
	}
	if bias != nil {
		mean = Add(mean, bias)
	}
	updateRunning(c, x, mean, variance)
	return y
}
