package kernels

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// MaxPool2D returns the maximum of each window of x [N, H, W, C]: [N, H', W', C]. Windows
// are size×size without overlap; rows and columns that do not fill a window are
// dropped. The caller has checked that there is a window.
// The gradient goes to the first maximum of a window in row-major order, as
// in PyTorch. (GoMLX's MaxPool has a gradient that XLA computes on the CPU in a
// scalar loop, and its ReduceMax sends it to every maximum.)
func MaxPool2D(x *Node, size int) *Node {
	if size == 2 && platformOf(x.Graph().Backend()) == platformGo {
		var pool pairPool
		return withGradient(
			func(in []*Node) *Node { pool = newPairPool(in[0]); return pool.maximum },
			func(_ int, adjoint *Node) *Node { return pool.spread(adjoint) },
			x)
	}
	pooled := func(in []*Node) *Node {
		var y *Node
		for _, view := range poolViews(in[0], size) {
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
		// Every element of x belongs to at most one window, so its adjoint is a selection.
		return spreadToTiles(x, materialise(firstMaximum(x, y, size)), materialise(adjoint), size)
	}
	y = withGradient(pooled, gradient, x)
	return y
}

// poolViews returns, for each position in a window in row-major order, the
// elements of x at that position of all windows: [N, H', W', C] each.
func poolViews(x *Node, size int) []*Node {
	d := x.Shape().Dimensions
	views := make([]*Node, 0, size*size)
	span := func(start, count int) SliceAxisSpec {
		return AxisRange(start, start+(count-1)*size+1).Stride(size)
	}
	for r := range size {
		for c := range size {
			views = append(views, Slice(x, AxisRange(), span(r, d[1]/size), span(c, d[2]/size), AxisRange()))
		}
	}
	return views
}

// firstMaximum returns, for each window, the position (in row-major order) of
// the first element that equals the window's maximum y.
func firstMaximum(x, y *Node, size int) *Node {
	views := poolViews(x, size)
	g := x.Graph()
	index := Scalar(g, dtypes.Int32, float64(len(views)-1))
	index = BroadcastToDims(index, y.Shape().Dimensions...)
	for i := len(views) - 2; i >= 0; i-- {
		here := BroadcastToDims(Scalar(g, dtypes.Int32, float64(i)), y.Shape().Dimensions...)
		index = Where(Equal(views[i], y), here, index)
	}
	return index
}

// spreadToTiles returns an image of x's shape with the values of a pooled image at
// the positions that first gives, and zeros elsewhere.
func spreadToTiles(x, first, values *Node, size int) *Node {
	d := x.Shape().Dimensions
	outHeight, outWidth := d[1]/size, d[2]/size
	g := x.Graph()
	tiles := []int{d[0], outHeight, size, outWidth, size, d[3]}
	spread := func(n *Node) *Node {
		return BroadcastToDims(Reshape(n, d[0], outHeight, 1, outWidth, 1, d[3]), tiles...)
	}
	position := shapes.Make(dtypes.Int32, 1, 1, size, 1, size, 1)
	here := Add(MulScalar(Iota(g, position, 2), float64(size)), Iota(g, position, 4))
	chosen := Equal(spread(first), BroadcastToDims(here, tiles...))
	dx := Where(chosen, spread(values), Zeros(g, shapes.Make(x.DType(), tiles...)))
	dx = Reshape(dx, d[0], outHeight*size, outWidth*size, d[3])
	return padEnd(dx, d[1]-outHeight*size, d[2]-outWidth*size)
}

// padEnd adds rows and columns of zeros after images [N, H, W, C].
func padEnd(x *Node, rows, columns int) *Node {
	if rows == 0 && columns == 0 {
		return x
	}
	return Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{}, PadAxis{End: rows}, PadAxis{End: columns}, PadAxis{})
}
