package kernels

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// This file computes convolutions as one matrix product on windows that are
// made by shifting, for GoMLX's Go backend. This backend needs several
// nanoseconds for each number of a slice, so making the windows with slices
// takes longer than the multiplication. Concatenation copies whole blocks.
//
// All images of a batch are one long list of pixels, with zeros after each row
// and after each image (the padding, which neighbours share). For each position
// in the kernel, the pixel under it is at a constant distance in the list. So the
// matrix of windows is the concatenation of the list shifted by these distances.
// Windows that cross an edge are also computed, and dropped from the result.

// pixelList is the layout of such a list.
type pixelList struct {
	convShape
	rows, columns int // of one image with the zeros after it
	margin        int // blank images before and after, for the shifts
}

func newPixelList(s convShape) pixelList {
	outHeight, outWidth := s.outSize()
	l := pixelList{convShape: s}
	// Space for the padding and for the outputs, which may be more than the pixels.
	l.rows = s.height + max(s.padding[0], outHeight-s.height)
	l.columns = s.width + max(s.padding[1], outWidth-s.width)
	reach := s.kernel[0]*l.columns + s.kernel[1]
	l.margin = (reach + l.image() - 1) / l.image()
	return l
}

// image returns the number of places of one image in the list.
func (l pixelList) image() int { return l.rows * l.columns }

// place writes images [N, h, w, C] of at most the list's size as the list, with blank images
// around: [(margin + N + margin)·image, C].
func (l pixelList) place(images *Node) *Node {
	d := images.Shape().Dimensions
	images = appendZeros(images, 2, 0, l.columns-d[2])
	images = appendZeros(images, 1, 0, l.rows-d[1])
	images = appendZeros(images, 0, l.margin, l.margin)
	return Reshape(images, -1, d[3])
}

// list returns x [N, H, W, C] as a list for each channel, without blank images: [C, N·image].
func (l pixelList) list(x *Node) *Node {
	list := Transpose(Reshape(x, -1, l.inChannels), 0, 1) // in two dimensions the backend transposes by tiles
	list = Reshape(list, l.inChannels, -1, l.height, l.width)
	list = appendZeros(list, 3, 0, l.columns-l.width)
	list = appendZeros(list, 2, 0, l.rows-l.height)
	return Reshape(list, l.inChannels, -1)
}

// windows returns the windows of x [N, H, W, C] as columns, for all places of the list and the
// blank images around it: [C·kh·kw, (margin + N + margin)·image].
func (l pixelList) windows(x *Node) *Node {
	// First shift by whole rows, then along the rows.
	near := max(l.padding[1], l.kernel[1]-1-l.padding[1])
	list := repeatShifted(l.list(x), l.kernel[0], l.columns, l.padding[0], l.margin*l.image()-near)
	return repeatShifted(list, l.kernel[1], 1, l.padding[1], near)
}

// crop extracts the results of the N images from those of all places, [O, (margin + N + margin)·image]:
// [N, outHeight, outWidth, O].
func (l pixelList) crop(results *Node) *Node {
	outHeight, outWidth := l.outSize()
	all := Reshape(Transpose(results, 0, 1), -1, l.rows, l.columns, results.Shape().Dimensions[0])
	return cut(all, span{(all.Shape().Dimensions[0] - l.batch) / 2, l.batch}, span{0, outHeight}, span{0, outWidth})
}

// repeatShifted returns each row of list [R, P] count times, shifted by step places more each time, with
// margin places more at each end: element [i·count+k, margin+p] of the result is list[i, p+(k-before)·step],
// and zero where there is no such place.
func repeatShifted(list *Node, count, step, before, margin int) *Node {
	d := list.Shape().Dimensions
	var parts []*Node
	for k := range count {
		shift := (k - before) * step
		parts = append(parts, between(list, 1, margin-shift, margin+shift)...)
	}
	return Reshape(Concatenate(parts, 1), d[0]*count, d[1]+2*margin)
}

// span is a range of indices along an axis.
type span struct{ start, size int }

// cut returns the given ranges of the first axes of x. On the Go backend it is a negative Pad, which copies
// whole blocks; a slice copies single numbers. GoMLX 0.28 cannot differentiate that; see reach.
func cut(x *Node, spans ...span) *Node {
	pads, ranges := make([]PadAxis, len(spans)), make([]SliceAxisSpec, len(spans))
	unchanged := true
	for axis, s := range spans {
		size := x.Shape().Dimensions[axis]
		pads[axis] = PadAxis{Start: -s.start, End: s.start + s.size - size}
		ranges[axis] = AxisRange(s.start, s.start+s.size)
		unchanged = unchanged && s.size == size
	}
	switch {
	case unchanged:
		return x
	case platformOf(x.Graph().Backend()) == platformGo:
		return Pad(x, ScalarZero(x.Graph(), x.DType()), pads...)
	}
	return Slice(x, ranges...)
}

// appendZeros adds zeros before and after x along an axis. Pad is not used, since it has no
// gradient in GoMLX 0.28.
func appendZeros(x *Node, axis, before, after int) *Node {
	parts := between(x, axis, before, after)
	if len(parts) == 1 {
		return x
	}
	return Concatenate(parts, axis)
}

// between returns x and the zeros before and after it along an axis, without empty parts.
func between(x *Node, axis, before, after int) []*Node {
	zeros := func(size int) []*Node {
		if size <= 0 {
			return nil
		}
		shape := x.Shape().Clone()
		shape.Dimensions[axis] = size
		return []*Node{Zeros(x.Graph(), shape)}
	}
	return slices.Concat(zeros(before), []*Node{x}, zeros(after))
}

// convShiftedForward is convForward by shifted lists, in parts of the batch.
func convShiftedForward(x, w *Node, s convShape) *Node {
	s.batch /= shiftedParts(s.batch)
	var results []*Node
	for _, images := range batchParts(x, s.batch) {
		results = append(results, convShiftedForwardOf(images, w, s))
	}
	return Concatenate(results, 0)
}

// batchParts divides a batch into parts of the given number of images.
func batchParts(x *Node, images int) []*Node {
	var parts []*Node
	for first := 0; first < x.Shape().Dimensions[0]; first += images {
		parts = append(parts, cut(x, span{first, images}))
	}
	return parts
}

// convShiftedForwardOf is convShiftedForward of one part.
func convShiftedForwardOf(x, w *Node, s convShape) *Node {
	l := newPixelList(s)
	if s.inChannels > s.outChannels {
		return l.crop(l.byRows(x, w))
	}
	return l.crop(Dot(Reshape(w, s.outChannels, -1), l.windows(x)).MatMul())
}

// byRows is the convolution [O, N·image] of x with w, as the sum over the kernel's rows of products with
// windows of one row. The products of all rows are one matrix product, whose results are shifted instead
// of the windows. Fewer numbers are copied if x has more channels than the result.
func (l pixelList) byRows(x, w *Node) *Node {
	windows := repeatShifted(l.list(x), l.kernel[1], 1, l.padding[1], l.margin*l.image()) // [C·kw, places]
	products := Dot(Reshape(TransposeAllAxes(w, 2, 0, 1, 3), l.kernel[0]*l.outChannels, -1), windows).MatMul()
	products = Reshape(products, l.kernel[0], l.outChannels, -1)
	var sum *Node
	for r := range l.kernel[0] {
		first := l.margin*l.image() + (r-l.padding[0])*l.columns
		if row := cut(products, span{r, 1}, span{0, l.outChannels}, span{first, l.batch * l.image()}); sum == nil {
			sum = row
		} else {
			sum = Add(sum, row)
		}
	}
	return Reshape(sum, l.outChannels, -1)
}

// convShiftedKernelGradient is convKernelGradient by shifted lists: places without a value
// in dy are zero.
func convShiftedKernelGradient(x, dy *Node, s convShape) *Node {
	s.batch /= shiftedParts(s.batch)
	l := newPixelList(s)
	xs, dys := batchParts(x, s.batch), batchParts(dy, s.batch)
	var dw *Node // [in·kh·kw, out]
	for p := range xs {
		if part := Dot(l.windows(xs[p]), l.place(dys[p])).MatMul(); dw == nil {
			dw = part
		} else {
			dw = Add(dw, part)
		}
	}
	return Reshape(TransposeAllAxes(dw, 1, 0), s.outChannels, s.inChannels, s.kernel[0], s.kernel[1])
}
