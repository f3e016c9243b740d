// Package kernels builds convolution, pooling, batch norm, dropout and cross-entropy in
// GoMLX graphs, with custom gradients where they are faster than the derived ones.
package kernels

import (
	"strings"

	"github.com/gomlx/compute"
)

// This file is the only place that chooses the methods for computing a layer. The
// choice affects only the speed: all methods give the same values and gradients (tests
// compare them), so a method can be removed when GoMLX or XLA is equally fast. The
// measurements for the choices are in PERFORMANCE.md.

// platform is the backend of a graph, as far as the choice of methods depends on it.
type platform int

const (
	// platformOther is any platform without measurements, for example a GPU. It
	// uses the backend's own convolution (cuDNN's on CUDA).
	platformOther platform = iota
	// platformXLACPU is XLA on the CPU.
	platformXLACPU
	// platformGo is GoMLX's backend written in Go.
	platformGo
)

// platformOf determines the platform from the backend's name and description. The Go
// backend's name is "Go Backend". XLA's name is "xla", and its description starts with
// "xla:PLUGIN", where PLUGIN is "cpu", "cuda" or a path.
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
	// convNative is the backend's own convolution, with the axes in the backend's
	// order (batch, height, width, channels).
	convNative convMethod = iota
	// convNativePadded is convNative on an input padded beforehand, for the kernel's
	// gradient.
	convNativePadded
	// convNativeExchanged is convNative with the roles of input and adjoint exchanged, for
	// the kernel's gradient: it pads the adjoint instead of the input.
	convNativeExchanged
	// convColumns copies the input's windows into the rows of a matrix ("im2col")
	// and multiplies it by the kernel, for the forward pass.
	convColumns
	// convRows computes the kernel's gradient with one matrix product of windows and
	// adjoint for each row of the kernel. The windows are the columns of a matrix.
	convRows
	// convShifted makes the windows by shifting all pixels of a batch, for the forward
	// pass and both gradients (conv_shifted.go).
	convShifted
	// convGoMLX leaves both gradients to GoMLX.
	convGoMLX
)

// convStrategy holds the methods for a convolution and its two gradients.
type convStrategy struct {
	forward, inputGradient, kernelGradient convMethod
	parts                                  int // of the batch, for the kernel's gradient; 0 or 1 for the whole batch
}

// partImages is the least number of images that a device has of a part.
const partImages = 16

// shiftedParts returns the number of parts of a batch for convShifted. The Go backend copies with one
// thread, but copies several parts at the same time.
func shiftedParts(batch int) int {
	parts := max(1, batch/(2*partImages))
	for batch%parts != 0 {
		parts--
	}
	return parts
}

// convShape holds the sizes of a convolution with stride 1, dilation 1 and one group.
type convShape struct {
	batch, height, width, inChannels, outChannels int
	kernel, padding                               [2]int
}

// outSize returns the height and width of the output.
func (s convShape) outSize() (height, width int) {
	return s.height + 2*s.padding[0] - s.kernel[0] + 1, s.width + 2*s.padding[1] - s.kernel[1] + 1
}

// chooseConv returns the methods for a convolution with stride 1, dilation 1 and one
// group, whose batch is divided over the given number of devices.
func chooseConv(p platform, s convShape, devices int) convStrategy {
	window := s.kernel[0] * s.kernel[1] * s.inChannels
	outHeight, outWidth := s.outSize()
	switch p {
	case platformXLACPU:
		// Forward and input gradient: with several channels, XLA's convolution is
		// about as fast as its matrix product. With one channel and a small window,
		// copying the windows is faster.
		st := convStrategy{forward: convNative, inputGradient: convNative, kernelGradient: convNative}
		if s.inChannels == 1 {
			if window <= 9 {
				st.forward = convColumns
			}
			// The "kernel" of the kernel gradient is the whole adjoint. With one
			// channel and many outputs, it is slower than matrix products.
			st.kernelGradient = convRows
			if s.outChannels <= 16 {
				st.kernelGradient = convNativePadded
			}
			return st
		}
		// XLA's convolution uses a very slow path (20 times slower) if its kernel,
		// here the adjoint, is larger than the unpadded input.
		if outHeight > s.height || outWidth > s.width {
			st.kernelGradient = convNativeExchanged
		}
		// The images of a part, and what XLA copies of them, stay in the core's cache.
		for st.parts = s.batch / (partImages * devices); st.parts > 1 && s.batch%(st.parts*devices) != 0; {
			st.parts--
		}
		return st
	case platformGo:
		// The Go backend's convolution is a simple loop. Its matrix product is
		// optimised (and uses vector instructions with GOEXPERIMENT=simd).
		return convStrategy{forward: convShifted, inputGradient: convShifted, kernelGradient: convShifted}
	}
	return convStrategy{forward: convNative, inputGradient: convNative, kernelGradient: convGoMLX}
}
