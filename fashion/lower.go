package fashion

import (
	"fmt"
	"math"

	"fashionlab/fashion/internal/forward"
)

// lowered returns the network in evaluation mode as data, for a program without a backend. A layer
// that is not one of the library's is an error.
func (n *Network) lowered() (*forward.Network, error) {
	if err := n.Model.check(); err != nil {
		return nil, err
	}
	if err := n.Weights.check(n.Model); err != nil {
		return nil, err
	}
	place, err := n.Model.camLayer("")
	if err != nil {
		place = -1 // no convolution, so there are no feature maps
	}
	network := &forward.Network{Inputs: ImagePixels}
	shape := inputShape()
	for i, s := range n.Model.layers() {
		steps, output, err := n.lower(s, shape)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", s.name(), err)
		}
		network.Steps = append(network.Steps, steps...)
		shape = output
		if i == place {
			network.Maps = len(network.Steps)
			network.Channels, network.Height, network.Width = shape[0], shape[1], shape[2]
		}
	}
	return network, nil
}

// lowerAll is lower for consecutive layers.
func (n *Network) lowerAll(layers []placedLayer, shape []int) (steps []forward.Step, err error) {
	for _, s := range layers {
		var more []forward.Step
		if more, shape, err = n.lower(s, shape); err != nil {
			return nil, fmt.Errorf("layer %s: %w", s.name(), err)
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

// lower returns a layer's steps for an input of the given shape, and the shape of its output.
func (n *Network) lower(s placedLayer, shape []int) (steps []forward.Step, output []int, err error) {
	if output, err = s.layer.OutputShape(shape); err != nil {
		return nil, nil, err
	}
	values := func(name string) forward.Values {
		t, ok := n.Weights.Get(s.prefix + name)
		if !ok {
			return nil // a layer without a bias; check has found the others
		}
		return t.Data
	}
	var step forward.Step
	switch l := s.layer.(type) {
	case conv2D:
		step.Conv = &forward.Conv{
			In: l.in, Height: shape[1], Width: shape[2], Out: l.out, Kernel: l.kernel, Stride: l.stride, Dilation: l.dilation,
			Groups: l.groups, Padding: l.padding, Mode: string(l.mode), Weight: values("weight"), Bias: values("bias"),
		}
	case linear:
		step.Conv = &forward.Conv{
			In: l.in, Height: 1, Width: 1, Out: l.out, Kernel: 1, Stride: 1, Dilation: 1, Groups: 1,
			Weight: values("weight"), Bias: values("bias"),
		}
	case batchNorm:
		a := &forward.Affine{}
		weight, bias, mean, variance := values("weight"), values("bias"), values("running_mean"), values("running_var")
		for i := range weight {
			factor := float64(weight[i]) / math.Sqrt(float64(variance[i])+l.epsilon)
			a.Factors = append(a.Factors, float32(factor))
			a.Summands = append(a.Summands, float32(float64(bias[i])-float64(mean[i])*factor))
		}
		step.Affine = a
	case scale:
		step.Affine = &forward.Affine{Factors: forward.Values{float32(l.factor)}, Summands: forward.Values{0}}
	case normalize:
		step.Affine = &forward.Affine{
			Factors:  forward.Values{float32(1 / l.deviation)},
			Summands: forward.Values{float32(-l.mean / l.deviation)},
		}
	case relu:
		step.Activation = &forward.Activation{}
	case leakyReLU:
		step.Activation = &forward.Activation{Slope: float32(l.slope)}
	case gelu:
		step.Activation = &forward.Activation{GELU: l.approximate}
	case maxPool:
		step.Pool = loweredPool(shape, windowsOf(output[1], l.kernel), windowsOf(output[2], l.kernel))
		step.Pool.Max = true
	case avgPool:
		step.Pool = loweredPool(shape, windowsOf(output[1], l.kernel), windowsOf(output[2], l.kernel))
	case adaptiveAvgPool:
		step.Pool = loweredPool(shape, adaptiveWindows(shape[1], l.out), adaptiveWindows(shape[2], l.out))
	case pixelUnshuffle:
		// A convolution of each channel with one-hot kernels.
		squares := l.factor * l.factor
		hot := make(forward.Values, output[0]*squares)
		for i := range output[0] {
			hot[i*squares+i%squares] = 1
		}
		step.Conv = &forward.Conv{
			In: shape[0], Height: shape[1], Width: shape[2], Out: output[0], Kernel: l.factor, Stride: l.factor, Dilation: 1,
			Groups: shape[0], Weight: hot,
		}
	case residual:
		var paths [2][]forward.Step
		for i, path := range l.paths(s.prefix) {
			if paths[i], err = n.lowerAll(path, shape); err != nil {
				return nil, nil, err
			}
		}
		step.Residual = &forward.Residual{Branch: paths[0], Shortcut: paths[1]}
	case flatten, dropout, printLayer:
		return nil, output, nil // they change no value in evaluation mode
	default:
		return nil, nil, fmt.Errorf("%s is not a layer of the library, so a page cannot compute it; build it from the library's layers, or use the formats of PyTorch", s.layer.Kind())
	}
	return []forward.Step{step}, output, nil
}

func loweredPool(shape []int, rows, columns [][2]int) *forward.Pool {
	return &forward.Pool{Channels: shape[0], Height: shape[1], Width: shape[2], Rows: rows, Columns: columns}
}

// windowsOf returns the given number of windows of equal size, side by side.
func windowsOf(count, size int) [][2]int {
	windows := make([][2]int, count)
	for i := range windows {
		windows[i] = [2]int{i * size, (i + 1) * size}
	}
	return windows
}
