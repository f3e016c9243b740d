package fashion

import (
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// This file holds definitions written as loops in float64: the outside
// reference for the kernels.

// naiveConvolution is PyTorch's conv2d by its definition, on x [n h w in] and w
// [out in/groups kh kw], with the gradients of Σ y·dy.
func naiveConvolution(x, w, dy *Tensor, cfg ConvConfig) (y, dx, dw *Tensor) {
	cfg = cfg.withDefaults()
	n, height, width, in := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	out, perGroup, kh, kw := w.Shape[0], w.Shape[1], w.Shape[2], w.Shape[3]
	outHeight, outWidth := cfg.OutputSize(height, width, [2]int{kh, kw})
	y, dx, dw = NewTensor(n, outHeight, outWidth, out), NewTensor(x.Shape...), NewTensor(w.Shape...)
	sums, dxs, dws := make([]float64, y.Len()), make([]float64, x.Len()), make([]float64, w.Len())
	// at is the row or column that stands at position i; -1 is a zero.
	at := func(i, size int) int {
		if i >= 0 && i < size {
			return i
		}
		switch cfg.PaddingMode {
		case PadReflect:
			if i < 0 {
				return -i
			}
			return 2*(size-1) - i
		case PadReplicate:
			return min(max(i, 0), size-1)
		case PadCircular:
			return (i + size) % size
		}
		return -1
	}
	for b := range n {
		for oy := range outHeight {
			for ox := range outWidth {
				for o := range out {
					yi := ((b*outHeight+oy)*outWidth+ox)*out + o
					for c := range perGroup {
						channel := o/(out/cfg.Groups)*perGroup + c
						for r := range kh {
							for k := range kw {
								sy := at(oy*cfg.Stride[0]+r*cfg.Dilation[0]-cfg.Padding[0], height)
								sx := at(ox*cfg.Stride[1]+k*cfg.Dilation[1]-cfg.Padding[1], width)
								if sy < 0 || sx < 0 {
									continue
								}
								xi := ((b*height+sy)*width+sx)*in + channel
								wi := ((o*perGroup+c)*kh+r)*kw + k
								sums[yi] += float64(x.Data[xi]) * float64(w.Data[wi])
								if dy != nil {
									dxs[xi] += float64(dy.Data[yi]) * float64(w.Data[wi])
									dws[wi] += float64(dy.Data[yi]) * float64(x.Data[xi])
								}
							}
						}
					}
				}
			}
		}
	}
	for _, pair := range []struct {
		to   *Tensor
		from []float64
	}{{y, sums}, {dx, dxs}, {dw, dws}} {
		for i, v := range pair.from {
			pair.to.Data[i] = float32(v)
		}
	}
	return y, dx, dw
}

// naiveMaxPool is max pooling of x [n h w c] by its definition; the gradient of
// Σ y·dy goes to the first maximum of each window, row by row.
func naiveMaxPool(x, dy *Tensor, cfg PoolConfig) (y, dx *Tensor) {
	cfg = cfg.withDefaults()
	n, height, width, channels := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	outHeight, outWidth := cfg.OutputSize(height, width)
	y, dx = NewTensor(n, outHeight, outWidth, channels), NewTensor(x.Shape...)
	for b := range n {
		for oy := range outHeight {
			for ox := range outWidth {
				for c := range channels {
					best := -1
					for r := range cfg.Kernel[0] {
						for k := range cfg.Kernel[1] {
							sy, sx := oy*cfg.Stride[0]+r-cfg.Padding[0], ox*cfg.Stride[1]+k-cfg.Padding[1]
							if sy < 0 || sx < 0 || sy >= height || sx >= width {
								continue
							}
							if i := ((b*height+sy)*width+sx)*channels + c; best < 0 || x.Data[i] > x.Data[best] {
								best = i
							}
						}
					}
					yi := ((b*outHeight+oy)*outWidth+ox)*channels + c
					y.Data[yi] = x.Data[best]
					dx.Data[best] += dy.Data[yi]
				}
			}
		}
	}
	return y, dx
}

// randomTensor draws from a normal distribution; ties draws small whole
// numbers instead, so that many values are equal.
func randomTensor(r *rand.Rand, ties bool, shape ...int) *Tensor {
	t := NewTensor(shape...)
	for i := range t.Data {
		if ties {
			t.Data[i] = float32(r.IntN(3) - 1)
		} else {
			t.Data[i] = float32(r.NormFloat64())
		}
	}
	return t
}

// runGraph runs a graph function on the process's backend.
func runGraph(t *testing.T, f func(in []*Node) []*Node, inputs ...*Tensor) []*Tensor {
	t.Helper()
	backend, _, err := DefaultBackend()
	if err != nil {
		t.Fatal(err)
	}
	exec, err := NewExec(backend, f)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	args := make([]any, len(inputs))
	for i, input := range inputs {
		args[i] = toTensor(input)
	}
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]*Tensor, len(out))
	for i, o := range out {
		data, err := tensors.CopyFlatData[float32](o)
		if err != nil {
			t.Fatal(err)
		}
		results[i] = &Tensor{Shape: o.Shape().Dimensions, Data: data}
	}
	return results
}

// withGradients returns f's value and the gradients of Σ f·dy with respect to
// all inputs but the last, which is dy.
func withGradients(f func(in []*Node) *Node) func(in []*Node) []*Node {
	return func(in []*Node) []*Node {
		last := len(in) - 1
		y := f(in[:last])
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, in[last])), in[:last]...)...)
	}
}

// wantEqual compares values, with a tolerance relative to the largest one.
func wantEqual(t *testing.T, what string, got, want *Tensor, tolerance float64) {
	t.Helper()
	if got.Len() != want.Len() {
		t.Fatalf("%s: shape %v, want %v", what, got.Shape, want.Shape)
	}
	scale := 1e-6
	for _, v := range want.Data {
		scale = max(scale, float64(max(v, -v)))
	}
	for i, v := range got.Data {
		if difference := float64(v - want.Data[i]); !(max(difference, -difference) <= tolerance*scale) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, v, want.Data[i])
		}
	}
}
