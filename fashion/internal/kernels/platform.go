// Package kernels computes convolution, pooling, batch norm, dropout and cross-entropy in
// graphs of GoMLX, with gradients of its own where these are faster than the derived ones.
package kernels

import (
	"strings"

	"github.com/gomlx/compute"
)

// This file is the one place where the ways of computing a layer are chosen.
// Everything in it is a matter of speed only: each way gives the same values
// and gradients (the tests compare them with each other), so an entry can be
// dropped as soon as GoMLX or XLA does as well by itself. The measurements
// behind the choices are in PERFORMANCE.md.

// platform says which of the compute backends a graph is built for, as far as
// the choice of kernels depends on it.
type platform int

const (
	// platformOther is anything without measurements, GPUs among them: the
	// backend's own convolution is trusted (on CUDA it is cuDNN's).
	platformOther platform = iota
	// platformXLACPU is XLA on the CPU.
	platformXLACPU
	// platformGo is GoMLX's backend written in Go.
	platformGo
)

// platformOf tells the platform from what the backend says of itself. The Go
// backend's name is "Go Backend"; XLA's is "xla", and its description starts
// with "xla:PLUGIN", where PLUGIN is "cpu", "cuda" or a path.
func platformOf(b compute.Backend) platform {
	name, description := strings.ToLower(b.Name()), strings.ToLower(b.Description())
	switch {
	case strings.HasPrefix(name, "go"):
		return platformGo
	case name != "xla":
		return platformOther
	case strings.Contains(description, "cuda"), strings.Contains(description, "gpu"),
		strings.Contains(description, "rocm"), strings.Contains(description, "tpu"):
		return platformOther
	}
	return platformXLACPU
}

// convMethod is one way of computing a convolution or one of its gradients.
type convMethod int

const (
	// convNative is the backend's own convolution, with the axes in the order
	// in which the backend computes them (batch, height, width, channels).
	convNative convMethod = iota
	// convNativePadded is convNative on an input padded beforehand, for the kernel's
	// gradient.
	convNativePadded
	// convColumns writes the input's windows as the rows of a matrix
	// ("im2col") and multiplies that by the kernel, for the forward pass.
	convColumns
	// convRows is the kernel's gradient with one product of windows and adjoint for
	// each row of the kernel, on matrices that hold the windows as columns.
	convRows
	// convShifted makes the windows by shifting all of a batch's pixels, for all three
	// (conv_shifted.go).
	convShifted
	// convGoMLX leaves both gradients to GoMLX.
	convGoMLX
)

// convStrategy says how to compute a convolution and its two gradients.
type convStrategy struct {
	forward, inputGradient, kernelGradient convMethod
}

// convShape is what the choice depends on, for stride 1, dilation 1, one group.
type convShape struct {
	batch, height, width, inChannels, outChannels int
	kernel, padding                               [2]int
}

// outSize returns the height and width of the output.
func (s convShape) outSize() (height, width int) {
	return s.height + 2*s.padding[0] - s.kernel[0] + 1, s.width + 2*s.padding[1] - s.kernel[1] + 1
}

// chooseConv returns how to compute a convolution of stride 1, dilation 1 and
// one group of this shape.
func chooseConv(p platform, s convShape) convStrategy {
	window := s.kernel[0] * s.kernel[1] * s.inChannels
	outHeight, outWidth := s.outSize()
	switch p {
	case platformXLACPU:
		// Forward and input gradient: XLA's convolution runs at about the speed
		// of its matrix product where there are several channels. With one
		// channel and a small window the windows cost less to write out.
		st := convStrategy{forward: convNative, inputGradient: convNative, kernelGradient: convNative}
		if s.inChannels == 1 {
			if window <= 9 {
				st.forward = convColumns
			}
			// The kernel gradient's "kernel" is the whole adjoint: with one
			// channel there is nothing to vectorise over in it.
			st.kernelGradient = convRows
			return st
		}
		// XLA's convolution falls to an extremely slow path (20 times slower)
		// where its kernel, here the adjoint, is larger than the unpadded input.
		if outHeight > s.height || outWidth > s.width {
			st.kernelGradient = convNativePadded
		}
		return st
	case platformGo:
		// The Go backend's convolution is a plain loop; its matrix product is
		// tuned (and vectorised with GOEXPERIMENT=simd).
		return convStrategy{forward: convShifted, inputGradient: convShifted, kernelGradient: convShifted}
	}
	return convStrategy{forward: convNative, inputGradient: convNative, kernelGradient: convGoMLX}
}

// sumByProducts says whether to sum images over their pixels as products with
// ones: XLA's own sum over all axes but the last walks through memory in strides
// and in one thread (3.2 against 0.5 ms for 128 images of 28×28×32).
func sumByProducts(p platform) bool { return p == platformXLACPU }
