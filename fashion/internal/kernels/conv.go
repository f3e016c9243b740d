package kernels

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// PaddingMode selects the values beyond the edges of a convolution's input.
type PaddingMode string

// PyTorch's padding modes.
const (
	PadZeros     PaddingMode = "zeros"
	PadReflect   PaddingMode = "reflect"
	PadReplicate PaddingMode = "replicate"
	PadCircular  PaddingMode = "circular"
)

// ConvConfig holds the parameters of a two-dimensional convolution, with the
// meaning of PyTorch's Conv2d. Each pair is height, width. The zero value
// of Stride, Dilation and Groups means 1, and that of PaddingMode means zeros.
type ConvConfig struct {
	Stride, Dilation [2]int
	Padding          [2]int
	PaddingMode      PaddingMode
	Groups           int
}

// withDefaults replaces zeros by PyTorch's defaults.
func (cfg ConvConfig) withDefaults() ConvConfig {
	for axis := range 2 {
		cfg.Stride[axis] = max(cfg.Stride[axis], 1)
		cfg.Dilation[axis] = max(cfg.Dilation[axis], 1)
	}
	cfg.Groups = max(cfg.Groups, 1)
	if cfg.PaddingMode == "" {
		cfg.PaddingMode = PadZeros
	}
	return cfg
}

// OutputSize returns the height and width of the convolution of an image of
// height×width with a kernel of the given size, by
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html, "Shape".
func (cfg ConvConfig) OutputSize(height, width int, kernel [2]int) (outHeight, outWidth int) {
	cfg = cfg.withDefaults()
	size := func(axis, n int) int {
		return (n+2*cfg.Padding[axis]-cfg.Dilation[axis]*(kernel[axis]-1)-1)/cfg.Stride[axis] + 1
	}
	return size(0, height), size(1, width)
}

// Conv2D returns the two-dimensional convolution (PyTorch's, that is the
// cross-correlation) of x [N, H, W, in] with the kernel w [out, in/groups, kh, kw]
// (PyTorch's order): [N, H', W', out]. The caller has checked the shapes.
//
// Convolutions with stride 1, dilation 1 and one group are computed with the methods
// that chooseConv returns, and with their own gradients; all others by GoMLX.
func Conv2D(x, w *Node, cfg ConvConfig) *Node {
	cfg = cfg.withDefaults()
	xd, wd := x.Shape().Dimensions, w.Shape().Dimensions
	kernel := [2]int{wd[2], wd[3]}
	if cfg.PaddingMode != PadZeros {
		x = padEdges(padEdges(x, 1, cfg.Padding[0], cfg.PaddingMode), 2, cfg.Padding[1], cfg.PaddingMode)
		cfg.Padding, cfg.PaddingMode = [2]int{}, PadZeros
		xd = x.Shape().Dimensions
	}
	for axis := range 2 {
		// GoMLX 0.28 has no gradient for an even kernel size with padding, and for padding
		// that is larger than the kernel, so the image is padded beforehand.
		if p := cfg.Padding[axis]; p >= kernel[axis] || p > 0 && kernel[axis]%2 == 0 {
			x, cfg.Padding = padZeros(x, cfg.Padding), [2]int{}
			xd = x.Shape().Dimensions
		}
	}
	one := [2]int{1, 1}
	if cfg.Stride != one || cfg.Dilation != one || cfg.Groups != 1 {
		return convPlain(x, w, cfg)
	}
	shape := convShape{batch: xd[0], height: xd[1], width: xd[2], inChannels: xd[3], outChannels: wd[0], kernel: kernel, padding: cfg.Padding}
	return convFast(x, w, shape, chooseConv(platformOf(x.Graph().Backend()), shape, x.Graph().NumDevices()))
}

// convPlain is convolve with zero padding, by GoMLX's convolution and its gradient.
func convPlain(x, w *Node, cfg ConvConfig) *Node {
	conv := Convolve(x, TransposeAllAxes(w, 2, 3, 1, 0)).PaddingPerDim(symmetric(cfg.Padding))
	if cfg.Groups > 1 {
		conv = conv.ChannelGroupCount(cfg.Groups)
	}
	if cfg.Dilation == [2]int{1, 1} {
		return conv.StridePerAxis(cfg.Stride[:]...).Done()
	}
	// GoMLX supports either strides or dilations. With both, compute stride 1 and keep
	// every stride-th output.
	y := conv.DilationPerAxis(cfg.Dilation[:]...).Done()
	if cfg.Stride == [2]int{1, 1} {
		return y
	}
	return Slice(y, AxisRange(), AxisRange().Stride(cfg.Stride[0]), AxisRange().Stride(cfg.Stride[1]), AxisRange())
}

// convFast computes a convolution with stride 1, dilation 1, one group and zero
// padding, with the methods of the strategy.
func convFast(x, w *Node, s convShape, st convStrategy) *Node {
	forward := func(in []*Node) *Node { return convForward(in[0], in[1], s, st.forward) }
	if st.kernelGradient == convGoMLX {
		return forward([]*Node{x, w})
	}
	gradient := func(input int, adjoint *Node) *Node {
		if input == 0 {
			return convInputGradient(adjoint, w, s, st.inputGradient)
		}
		return convKernelGradient(x, adjoint, s, st)
	}
	return withGradient(forward, gradient, x, w)
}

// convForward returns the convolution of x [N, H, W, in] with w [out, in, kh, kw].
func convForward(x, w *Node, s convShape, method convMethod) *Node {
	switch method {
	case convNative:
		return Convolve(x, TransposeAllAxes(w, 2, 3, 1, 0)).PaddingPerDim(symmetric(s.padding)).Done()
	case convColumns:
		matrix := Reshape(TransposeAllAxes(w, 2, 3, 1, 0), -1, s.outChannels) // [kh·kw·in, out]
		y := Dot(columns(padZeros(x, s.padding), s.kernel), matrix).MatMul()
		outHeight, outWidth := s.outSize()
		return Reshape(y, -1, outHeight, outWidth, s.outChannels)
	case convShifted:
		return convShiftedForward(x, w, s)
	}
	panic(fmt.Sprintf("no forward convolution by method %d", method))
}

// convInputGradient returns the adjoint of x from that of the output, dy
// [N, H', W', out]: the convolution of dy, padded by kernel-1-padding, with the
// kernel rotated by 180° and with its input and output channels exchanged.
func convInputGradient(dy, w *Node, s convShape, method convMethod) *Node {
	turned := TransposeAllAxes(Reverse(w, 2, 3), 1, 0, 2, 3) // [in, out, kh, kw]
	outHeight, outWidth := s.outSize()
	back := convShape{
		batch: s.batch, height: outHeight, width: outWidth, inChannels: s.outChannels, outChannels: s.inChannels,
		kernel: s.kernel, padding: [2]int{s.kernel[0] - 1 - s.padding[0], s.kernel[1] - 1 - s.padding[1]},
	}
	return convForward(dy, turned, back, method)
}

// convKernelGradient returns the adjoint of w, [out, in, kh, kw], from x and the
// adjoint of the output, dy [N, H', W', out]:
//
//	dw[o, i, r, c] = Σ over n, h, v of x[n, h+r, v+c, i] · dy[n, h, v, o]  (x padded)
//
// With several parts, it is the sum over parts of the batch.
func convKernelGradient(x, dy *Node, s convShape, st convStrategy) *Node {
	if st.parts <= 1 {
		return convKernelGradientOf(x, dy, s, st.kernelGradient)
	}
	// Part p has the images p, p+parts, p+2·parts, …: where a batch is divided over
	// devices, each device has a share of each part.
	perPart := s.batch / st.parts
	divided := func(images *Node) *Node {
		d := images.Shape().Dimensions
		return Reshape(images, append([]int{perPart, st.parts}, d[1:]...)...)
	}
	x, dy = divided(x), divided(dy)
	s.batch = perPart
	var sum *Node
	for p := range st.parts {
		of := func(divided *Node) *Node { return Squeeze(Slice(divided, AxisRange(), AxisElem(p)), 1) }
		if dw := convKernelGradientOf(of(x), of(dy), s, st.kernelGradient); sum == nil {
			sum = dw
		} else {
			sum = Add(sum, dw)
		}
	}
	return sum
}

// convKernelGradientOf is convKernelGradient of a whole batch by one method.
func convKernelGradientOf(x, dy *Node, s convShape, method convMethod) *Node {
	outHeight, outWidth := s.outSize()
	kh, kw := s.kernel[0], s.kernel[1]
	switch method {
	case convShifted:
		return convShiftedKernelGradient(x, dy, s)
	case convRows:
		channelsFirst := TransposeAllAxes(padZeros(x, s.padding), 3, 0, 1, 2)
		flat := Reshape(dy, -1, s.outChannels)
		rows := make([]*Node, kh)
		for r := range kh {
			shifted := make([]*Node, kw)
			for c := range kw {
				shifted[c] = Slice(channelsFirst, AxisRange(), AxisRange(), AxisRange(r, r+outHeight), AxisRange(c, c+outWidth))
			}
			product := Dot(Reshape(Concatenate(shifted, 0), kw*s.inChannels, -1), flat).MatMul() // [kw·in, out]
			rows[r] = Reshape(product, 1, kw, s.inChannels, s.outChannels)
		}
		return TransposeAllAxes(Concatenate(rows, 0), 3, 2, 0, 1)
	case convNative, convNativePadded:
		// As a convolution whose batch is the input channels, whose channels are the
		// images and whose kernel is the adjoint. Explicit transpositions put the axes in
		// the backend's order: XLA adds them only outside of loops, and is extremely slow
		// without them.
		padding := s.padding
		if method == convNativePadded {
			x, padding = padZeros(x, padding), [2]int{}
		}
		images := TransposeAllAxes(x, 3, 1, 2, 0)                               // [in, H, W, N]
		kernel := TransposeAllAxes(dy, 1, 2, 0, 3)                              // [H', W', N, out]
		dw := Convolve(images, kernel).PaddingPerDim(symmetric(padding)).Done() // [in, kh, kw, out]
		return TransposeAllAxes(dw, 3, 0, 1, 2)
	case convNativeExchanged:
		padding := [2]int{kh - 1 - s.padding[0], kw - 1 - s.padding[1]}
		images := TransposeAllAxes(padZeros(dy, padding), 3, 1, 2, 0) // [out, H+kh-1, W+kw-1, N]
		kernel := TransposeAllAxes(x, 1, 2, 0, 3)                     // [H, W, N, in]
		dw := Convolve(images, kernel).Done()                         // [out, kh, kw, in], rotated by 180°
		return TransposeAllAxes(Reverse(dw, 1, 2), 0, 3, 1, 2)
	}
	panic(fmt.Sprintf("no kernel gradient by method %d", method))
}

// columns returns the windows of x [N, H, W, C] of the kernel's size as rows:
// [N·H'·W', kh·kw·C].
func columns(x *Node, kernel [2]int) *Node {
	d := x.Shape().Dimensions
	height, width := d[1]-kernel[0]+1, d[2]-kernel[1]+1
	if kernel == [2]int{1, 1} {
		return Reshape(x, -1, d[3])
	}
	shifted := make([]*Node, 0, kernel[0]*kernel[1])
	for r := range kernel[0] {
		for c := range kernel[1] {
			shifted = append(shifted, Slice(x, AxisRange(), AxisRange(r, r+height), AxisRange(c, c+width), AxisRange()))
		}
	}
	return Reshape(Concatenate(shifted, -1), -1, kernel[0]*kernel[1]*d[3])
}

// padZeros adds rows and columns of zeros around images [N, H, W, C].
func padZeros(x *Node, padding [2]int) *Node {
	return appendZeros(appendZeros(x, 1, padding[0], padding[0]), 2, padding[1], padding[1])
}

// padEdges adds size rows (axis 1) or columns (axis 2) before and after images
// [N, H, W, C], with values from x by the given mode.
func padEdges(x *Node, axis, size int, mode PaddingMode) *Node {
	if size == 0 {
		return x
	}
	n := x.Shape().Dimensions[axis]
	var parts []*Node
	// at returns the row or column of x for position i, which may be out of range.
	at := func(i int) int {
		switch mode {
		case PadReflect:
			if i < 0 {
				return -i
			}
			return 2*(n-1) - i
		case PadReplicate:
			return min(max(i, 0), n-1)
		default:
			return (i + n) % n
		}
	}
	add := func(i int) {
		ranges := []SliceAxisSpec{AxisRange(), AxisRange(), AxisRange(), AxisRange()}
		ranges[axis] = AxisRange(at(i), at(i)+1)
		parts = append(parts, Slice(x, ranges...))
	}
	for i := -size; i < 0; i++ {
		add(i)
	}
	parts = append(parts, x)
	for i := n; i < n+size; i++ {
		add(i)
	}
	return Concatenate(parts, axis)
}

// symmetric returns the same padding before and after.
func symmetric(padding [2]int) [][2]int {
	return [][2]int{{padding[0], padding[0]}, {padding[1], padding[1]}}
}
