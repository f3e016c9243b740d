package fashion

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/kernels"
)

type conv2D struct {
	in, out, kernel           int
	stride, padding, dilation int
	groups                    int
	bias                      bool
	mode                      kernels.PaddingMode
	frozen                    frozen
	dirac                     bool
}

// ConvOption changes one of Conv2D's settings.
type ConvOption interface{ setConv(*conv2D) }

type convSetting func(*conv2D)

func (set convSetting) setConv(c *conv2D) { set(c) }

// Padding adds n rows and columns on each side of the input; PyTorch's
// default, 0, shrinks the image by kernel-1.
func Padding(n int) ConvOption { return convSetting(func(c *conv2D) { c.padding = n }) }

// Stride moves the kernel n pixels at a time (default 1).
func Stride(n int) ConvOption { return convSetting(func(c *conv2D) { c.stride = n }) }

// Dilation spaces the kernel's elements n pixels apart (default 1).
func Dilation(n int) ConvOption { return convSetting(func(c *conv2D) { c.dilation = n }) }

// Groups splits the input and output channels into n groups that are convolved
// separately (default 1). n must divide both numbers of channels.
func Groups(n int) ConvOption { return convSetting(func(c *conv2D) { c.groups = n }) }

// PaddingMode sets the values in the padding, as padding_mode in PyTorch: "zeros", the
// default, 0 0 | a b c | 0 0; "reflect", c b | a b c | b a; "replicate", a a | a b c | c c;
// or "circular", b c | a b c | a b. Any other mode is an error of the model that has it.
func PaddingMode(mode string) ConvOption {
	return convSetting(func(c *conv2D) { c.mode = kernels.PaddingMode(mode) })
}

// Dirac makes the first in/groups kernels identities at the beginning, as
// nn.init.dirac_(weight[:weight.size(1)]) does: kernel i has a 1 at the centre of input
// channel i, and 0 elsewhere. The other kernels are drawn as usual. It is from airbench
// (Jordan 2024, https://arxiv.org/abs/2404.00498, section 3.1).
func Dirac() ConvOption { return convSetting(func(c *conv2D) { c.dirac = true }) }

// Conv2D is PyTorch's nn.Conv2d(in, out, kernel): a square kernel slides over an
// image [in height width] and gives [out height' width']. The weight has shape
// [out in/groups kernel kernel], the bias [out]; the initial values of both are
// drawn uniformly from ±1/√(in/groups·kernel²).
func Conv2D(in, out, kernel int, options ...ConvOption) Layer {
	c := conv2D{in: in, out: out, kernel: kernel, stride: 1, dilation: 1, groups: 1, bias: true, mode: kernels.PadZeros}
	for _, option := range options {
		option.setConv(&c)
	}
	return c
}

func (c conv2D) Kind() string { return "Conv2d" }

func (c conv2D) String() string {
	var b strings.Builder
	pair := func(name string, n int) { fmt.Fprintf(&b, ", %s=(%d, %d)", name, n, n) }
	fmt.Fprintf(&b, "Conv2d(%d, %d", c.in, c.out)
	pair("kernel_size", c.kernel)
	pair("stride", c.stride)
	// PyTorch prints only settings that differ from the default.
	if c.padding != 0 {
		pair("padding", c.padding)
	}
	if c.dilation != 1 {
		pair("dilation", c.dilation)
	}
	if c.groups != 1 {
		fmt.Fprintf(&b, ", groups=%d", c.groups)
	}
	if !c.bias {
		b.WriteString(", bias=False")
	}
	if c.mode != kernels.PadZeros {
		fmt.Fprintf(&b, ", padding_mode=%s", c.mode)
	}
	return b.String() + ")"
}

func (c conv2D) OutputShape(input []int) ([]int, error) {
	if err := c.frozen.check(); err != nil {
		return nil, fmt.Errorf("%v: %w", c, err)
	}
	switch {
	case c.in < 1 || c.out < 1 || c.kernel < 1 || c.stride < 1 || c.dilation < 1 || c.groups < 1:
		return nil, fmt.Errorf("%v: want channels, kernel size, stride, dilation and groups of at least 1", c)
	case c.padding < 0:
		return nil, fmt.Errorf("%v: padding %d, want 0 or more", c, c.padding)
	case c.in%c.groups != 0 || c.out%c.groups != 0:
		return nil, fmt.Errorf("%v: %d groups, want a divisor of the %d input and %d output channels", c, c.groups, c.in, c.out)
	case len(input) != 3:
		return nil, fmt.Errorf("%v: input of shape %v, want images [channels height width]", c, input)
	case input[0] != c.in:
		return nil, fmt.Errorf("%v: input with %d channels, want %d", c, input[0], c.in)
	}
	switch c.mode {
	case kernels.PadZeros, kernels.PadReplicate:
	case kernels.PadReflect:
		if c.padding >= input[1] || c.padding >= input[2] {
			return nil, fmt.Errorf("%v: padding %d, want less than the image's %d×%d for mode reflect", c, c.padding, input[1], input[2])
		}
	case kernels.PadCircular:
		if c.padding > input[1] || c.padding > input[2] {
			return nil, fmt.Errorf("%v: padding %d, want at most the image's %d×%d for mode circular", c, c.padding, input[1], input[2])
		}
	default:
		return nil, fmt.Errorf("padding mode %q, want zeros, reflect, replicate or circular", c.mode)
	}
	if n := min(input[1], input[2]) + 2*c.padding - c.dilation*(c.kernel-1); n < 1 {
		return nil, fmt.Errorf("%v: the kernel is larger than the padded %d×%d image", c, input[1]+2*c.padding, input[2]+2*c.padding)
	}
	height, width := c.config().OutputSize(input[1], input[2], [2]int{c.kernel, c.kernel})
	return []int{c.out, height, width}, nil
}

func (c conv2D) Parameters() []ParameterSpec {
	if c.groups < 1 {
		return nil // OutputShape reports it
	}
	initial := fanInUniform(c.in / c.groups * c.kernel * c.kernel)
	parameters := []ParameterSpec{{
		Name: "weight", Shape: []int{c.out, c.in / c.groups, c.kernel, c.kernel},
		InitialBound: initial, Trainable: true, Dirac: c.dirac,
	}}
	if c.bias {
		parameters = append(parameters, ParameterSpec{Name: "bias", Shape: []int{c.out}, InitialBound: initial, Trainable: true})
	}
	return c.frozen.apply(parameters)
}

// config returns the layer's settings for package kernels.
func (c conv2D) config() kernels.ConvConfig {
	return kernels.ConvConfig{
		Stride: [2]int{c.stride, c.stride}, Dilation: [2]int{c.dilation, c.dilation},
		Padding: [2]int{c.padding, c.padding}, PaddingMode: c.mode, Groups: c.groups,
	}
}

// apply builds the convolution without the bias.
func (c conv2D) apply(x, weight *graph.Node) *graph.Node {
	return kernels.Conv2D(x, weight, c.config())
}

func (c conv2D) Build(ctx *Context, x *graph.Node) *graph.Node {
	y := c.apply(x, ctx.Parameter("weight"))
	if c.bias {
		y = graph.Add(y, graph.InsertAxes(ctx.Parameter("bias"), 0, 0, 0))
	}
	return y
}

// Conv2D convolves the images in t with kernels, as torch.nn.functional.conv2d does: t
// has shape [n in height width], kernels [out in/groups size size], the result
// [n out height' width']. The options are those of the layer Conv2D; NoBias has no
// effect, since there is no bias. Shapes that do not fit are an error.
//
// Use it to look at a single convolution. Models are built from layers.
func (t *Tensor) Conv2D(kernels *Tensor, options ...ConvOption) (*Tensor, error) {
	images := t
	if len(images.Shape) != 4 || len(kernels.Shape) != 4 || kernels.Shape[2] != kernels.Shape[3] {
		return nil, fmt.Errorf("convolution: shapes %v and %v, want images [n in height width] and kernels [out in/groups size size]", images.Shape, kernels.Shape)
	}
	layer := Conv2D(images.Shape[1], kernels.Shape[0], kernels.Shape[2], options...).(conv2D)
	if _, err := layer.OutputShape(images.Shape[1:]); err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	if want := images.Shape[1] / layer.groups; kernels.Shape[1] != want {
		return nil, fmt.Errorf("convolution: the kernels %v have %d input channels, want %d: %d channels in %d groups",
			kernels.Shape, kernels.Shape[1], want, images.Shape[1], layer.groups)
	}
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	exec, err := graph.NewExec(backend, func(x, w *graph.Node) *graph.Node {
		return graph.TransposeAllAxes(layer.apply(graph.TransposeAllAxes(x, 0, 2, 3, 1), w), 0, 3, 1, 2)
	})
	if err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	defer exec.Finalize()
	out, err := exec.Call(images.toDevice(), kernels.toDevice())
	if err != nil {
		return nil, fmt.Errorf("convolution: %w", err)
	}
	host, err := fromDevice(out)
	if err != nil {
		return nil, err
	}
	return host[0], nil
}
