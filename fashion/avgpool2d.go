package fashion

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

type avgPool struct{ kernel int }

// AvgPool2D is PyTorch's nn.AvgPool2d(kernel): the mean of each kernel×kernel window, without
// overlap and padding. Shapes are those of MaxPool2D.
func AvgPool2D(kernel int) Layer { return avgPool{kernel} }

func (avgPool) Kind() string { return "AvgPool2d" }

func (a avgPool) String() string {
	return fmt.Sprintf("AvgPool2d(kernel_size=%d, stride=%d, padding=0)", a.kernel, a.kernel)
}

func (avgPool) Parameters() []ParameterSpec { return nil }

func (a avgPool) OutputShape(input []int) ([]int, error) { return pooledShape(a, a.kernel, input) }

func (a avgPool) Build(_ *Context, x *Node) *Node {
	d, k := x.Shape().Dimensions, a.kernel
	height, width := d[1]/k, d[2]/k
	x = Slice(x, AxisRange(), AxisRange(0, height*k), AxisRange(0, width*k), AxisRange())
	return ReduceMean(Reshape(x, d[0], height, k, width, k, d[3]), 2, 4)
}

type adaptiveAvgPool struct{ out int }

// AdaptiveAvgPool2D is PyTorch's nn.AdaptiveAvgPool2d(out): it turns images of any size into
// [channels out out]. Row i of the output is the mean of the rows from ⌊i·height/out⌋ up to,
// but without, ⌈(i+1)·height/out⌉; columns are the same. Where out does not divide the size,
// windows overlap. AdaptiveAvgPool2D(1) is the mean of each channel.
func AdaptiveAvgPool2D(out int) Layer { return adaptiveAvgPool{out} }

func (adaptiveAvgPool) Kind() string { return "AdaptiveAvgPool2d" }

func (a adaptiveAvgPool) String() string {
	return fmt.Sprintf("AdaptiveAvgPool2d(output_size=%d)", a.out)
}

func (adaptiveAvgPool) Parameters() []ParameterSpec { return nil }

func (a adaptiveAvgPool) OutputShape(input []int) ([]int, error) {
	if err := checkImages(a, input); err != nil {
		return nil, err
	}
	if a.out < 1 {
		return nil, fmt.Errorf("%v: an output size of %d, want at least 1", a, a.out)
	}
	return []int{input[0], a.out, a.out}, nil
}

func (a adaptiveAvgPool) Build(_ *Context, x *Node) *Node {
	if a.out == 1 {
		return ReduceAndKeep(x, ReduceMean, 1, 2)
	}
	// A mean over a window is a mean over its rows, then over its columns: two matrix products.
	rows := Const(x.Graph(), adaptiveMeans(x.Shape().Dimensions[1], a.out))
	columns := Const(x.Graph(), adaptiveMeans(x.Shape().Dimensions[2], a.out))
	return Einsum("bhvc,wv->bhwc", Einsum("bhwc,vh->bvwc", x, rows), columns)
}

// adaptiveMeans returns the matrix [out size] that averages size values to out.
func adaptiveMeans(size, out int) *tensors.Tensor {
	m := NewTensor(out, size)
	for i, window := range adaptiveWindows(size, out) {
		for k := window[0]; k < window[1]; k++ {
			m.Data[i*size+k] = 1 / float32(window[1]-window[0])
		}
	}
	return m.toDevice()
}

// adaptiveWindows returns the start and the end of the windows over size values.
func adaptiveWindows(size, out int) [][2]int {
	windows := make([][2]int, out)
	for i := range windows {
		windows[i] = [2]int{i * size / out, ((i+1)*size + out - 1) / out}
	}
	return windows
}
