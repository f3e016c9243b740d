package fashion

import (
	. "github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

// This file fuses consecutive layers where that gives the same values with fewer
// passes over memory. On a CPU, these passes are the largest cost of convolutional
// networks after the convolutions:
//
//   - max pooling moves before the addition of a bias and before ReLU, which do not
//     change the order of values and then have a quarter of the elements to process;
//   - a bias before batch norm is not added in training, since subtracting the
//     batch's mean would remove it: it affects only the running mean. Its gradient
//     is zero (PyTorch's is a rounding error around zero);
//   - in evaluation, batch norm is a scale and a shift for each channel, which
//     become part of the kernel and the bias of the convolution before it.
//
// TestFusedLayersEqualSeparateOnes compares the results with those of separate layers.

// fusedLayers are consecutive layers that are built as one. Absent layers are nil.
type fusedLayers struct {
	conv, norm *placedLayer
	relu       bool
	pool       int // the kernel of a max pooling, 0 for none
	length     int
}

// nextFused returns the longest sequence of layers at the start of the list that can be
// fused. Its length is 0 if fusing gains nothing.
func nextFused(layers []placedLayer) fusedLayers {
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
			scale, shift := s.norm.layer.(batchNorm).scaleAndShift(c)
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
	norm := s.norm.layer.(batchNorm)
	c.prefix = s.norm.prefix
	gamma, beta := c.Parameter("weight"), c.Parameter("bias")
	var y, mean, variance *Node
	if s.pool == 2 {
		y, mean, variance = kernels.BatchNormReLUMaxPool(x, gamma, beta, norm.epsilon)
	} else {
		y, mean, variance = kernels.BatchNorm(x, gamma, beta, norm.epsilon)
		if s.pool > 0 {
			y = kernels.ReLU(kernels.MaxPool2D(y, s.pool))
		}
	}
	if bias != nil {
		mean = Add(mean, bias)
	}
	norm.updateRunning(c, x, mean, variance)
	return y
}
