package fashion

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph" //nolint:revive // GoMLX's graphs read as formulas this way.
)

// PoolConfig holds the parameters of a two-dimensional maximum pooling, with
// the meaning of PyTorch's MaxPool2d. Each pair is height, width; a stride of
// zero means the kernel's size.
type PoolConfig struct {
	Kernel, Stride, Padding [2]int
}

// withDefaults puts PyTorch's defaults in place of zeros.
func (cfg PoolConfig) withDefaults() PoolConfig {
	for axis := range 2 {
		if cfg.Stride[axis] == 0 {
			cfg.Stride[axis] = cfg.Kernel[axis]
		}
	}
	return cfg
}

// Check tells whether images of height×width can be pooled, and if not, why.
// PyTorch refuses the same.
func (cfg PoolConfig) Check(height, width int) error {
	cfg = cfg.withDefaults()
	for axis, size := range []int{height, width} {
		name := []string{"height", "width"}[axis]
		kernel, stride, padding := cfg.Kernel[axis], cfg.Stride[axis], cfg.Padding[axis]
		switch {
		case kernel < 1 || stride < 1 || padding < 0:
			return fmt.Errorf("max pooling: kernel %v, stride %v, padding %v: kernel and stride must be at least 1, padding at least 0",
				cfg.Kernel, cfg.Stride, cfg.Padding)
		case 2*padding > kernel:
			return fmt.Errorf("max pooling: a padding of %d is more than half of the kernel's %s, %d", padding, name, kernel)
		case size+2*padding < kernel:
			return fmt.Errorf("max pooling: the kernel's %s, %d, is more than the padded input's, %d", name, kernel, size+2*padding)
		}
	}
	return nil
}

// OutputSize returns the height and width of the result of pooling an image of
// height×width: rows and columns that fill no whole window are dropped.
func (cfg PoolConfig) OutputSize(height, width int) (outHeight, outWidth int) {
	cfg = cfg.withDefaults()
	size := func(axis, n int) int { return (n+2*cfg.Padding[axis]-cfg.Kernel[axis])/cfg.Stride[axis] + 1 }
	return size(0, height), size(1, width)
}

// maxPool2D returns the maximum of each window of x [N, H, W, C]: [N, H', W', C].
// The gradient goes to the first maximum of a window in row-major order, as
// in PyTorch. (GoMLX's MaxPool has a gradient that XLA computes on the CPU in a
// scalar loop, and its ReduceMax sends it to every maximum.)
func maxPool2D(x *Node, cfg PoolConfig) *Node {
	cfg = cfg.withDefaults()
	d := x.Shape().Dimensions
	if err := cfg.Check(d[1], d[2]); err != nil {
		panic(err)
	}
	pooled := func(in []*Node) *Node {
		var y *Node
		for _, view := range poolViews(in[0], cfg) {
			if y == nil {
				y = view
			} else {
				y = Max(y, view)
			}
		}
		return y
	}
	var y *Node
	gradient := func(_ int, adjoint *Node) *Node {
		if cfg.Stride == cfg.Kernel && cfg.Padding == [2]int{} {
			return unpoolTiles(x, y, adjoint, cfg)
		}
		return unpoolWindows(x, y, adjoint, cfg)
	}
	y = withGradient(pooled, gradient, x)
	return y
}

// poolViews returns, for each position in a window in row-major order, the
// elements of x that stand at that position of all the windows: [N, H', W', C] each.
func poolViews(x *Node, cfg PoolConfig) []*Node {
	d := x.Shape().Dimensions
	outHeight, outWidth := cfg.OutputSize(d[1], d[2])
	if cfg.Padding != [2]int{} {
		x = padWith(x, cfg.Padding, math.Inf(-1))
	}
	views := make([]*Node, 0, cfg.Kernel[0]*cfg.Kernel[1])
	span := func(start, count, stride int) SliceAxisSpec {
		return AxisRange(start, start+(count-1)*stride+1).Stride(stride)
	}
	for r := range cfg.Kernel[0] {
		for c := range cfg.Kernel[1] {
			views = append(views, Slice(x, AxisRange(), span(r, outHeight, cfg.Stride[0]), span(c, outWidth, cfg.Stride[1]), AxisRange()))
		}
	}
	return views
}

// firstMaximum returns, for each window, the position (in row-major order) of
// the first element that equals the window's maximum y.
func firstMaximum(x, y *Node, cfg PoolConfig) *Node {
	views := poolViews(x, cfg)
	g := x.Graph()
	index := Scalar(g, dtypes.Int32, float64(len(views)-1))
	index = BroadcastToDims(index, y.Shape().Dimensions...)
	for i := len(views) - 2; i >= 0; i-- {
		here := BroadcastToDims(Scalar(g, dtypes.Int32, float64(i)), y.Shape().Dimensions...)
		index = Where(Equal(views[i], y), here, index)
	}
	return index
}

// unpoolTiles returns the adjoint of x from that of its pooling in windows
// that neither overlap nor leave gaps: every element of x belongs to one window
// at most, so that the adjoint is a selection.
func unpoolTiles(x, y, adjoint *Node, cfg PoolConfig) *Node {
	return spreadToTiles(x, materialise(firstMaximum(x, y, cfg)), materialise(adjoint), cfg)
}

// unpoolWindows is unpoolTiles for windows that may overlap, leave gaps or reach
// over the edge: for each position in the window, what goes to it is spread
// over the padded image with zeros between, and these are added up.
func unpoolWindows(x, y, adjoint *Node, cfg PoolConfig) *Node {
	d := x.Shape().Dimensions
	outHeight, outWidth := cfg.OutputSize(d[1], d[2])
	g := x.Graph()
	first := firstMaximum(x, y, cfg)
	zero := ScalarZero(g, x.DType())
	var dx *Node
	for r := range cfg.Kernel[0] {
		for c := range cfg.Kernel[1] {
			here := BroadcastToDims(Scalar(g, dtypes.Int32, float64(r*cfg.Kernel[1]+c)), y.Shape().Dimensions...)
			part := Where(Equal(first, here), adjoint, ZerosLike(adjoint))
			axis := func(start, count, stride, size, padding int) PadAxis {
				end := size + 2*padding - start - ((count-1)*stride + 1)
				return PadAxis{Start: start, End: end, Interior: stride - 1}
			}
			part = Pad(part, zero, PadAxis{}, axis(r, outHeight, cfg.Stride[0], d[1], cfg.Padding[0]),
				axis(c, outWidth, cfg.Stride[1], d[2], cfg.Padding[1]), PadAxis{})
			if dx == nil {
				dx = part
			} else {
				dx = Add(dx, part)
			}
		}
	}
	p := cfg.Padding
	return Slice(dx, AxisRange(), AxisRange(p[0], p[0]+d[1]), AxisRange(p[1], p[1]+d[2]), AxisRange())
}

// padEnd adds rows and columns of zeros after images [N, H, W, C].
func padEnd(x *Node, rows, columns int) *Node {
	if rows == 0 && columns == 0 {
		return x
	}
	return Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{}, PadAxis{End: rows}, PadAxis{End: columns}, PadAxis{})
}

// padWith surrounds images [N, H, W, C] with a value. It is made by concatenation
// since Pad has no gradient in GoMLX 0.28.
func padWith(x *Node, padding [2]int, value float64) *Node {
	for axis := range 2 {
		if padding[axis] == 0 {
			continue
		}
		dims := append([]int(nil), x.Shape().Dimensions...)
		dims[1+axis] = padding[axis]
		edge := BroadcastToDims(Scalar(x.Graph(), x.DType(), value), dims...)
		x = Concatenate([]*Node{edge, x, edge}, 1+axis)
	}
	return x
}
