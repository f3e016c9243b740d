package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/graphtest"
)

// The tolerance between float32 kernels and sums in float64, relative to the
// largest value.
const kernelTolerance = 2e-6

// epsilon is PyTorch's default for batch norm.
const epsilon = 1e-5

// naive is a configuration as the definition in loops takes it.
func naive(cfg ConvConfig) graphtest.Conv {
	return graphtest.Conv{Stride: cfg.Stride, Dilation: cfg.Dilation, Padding: cfg.Padding, PaddingMode: string(cfg.PaddingMode), Groups: cfg.Groups}
}

func TestConvolutionAndItsGradientsFollowTheDefinition(t *testing.T) {
	cases := []struct {
		n, height, width, in, out, kernel int
		cfg                               ConvConfig
	}{
		{2, 28, 28, 1, 3, 5, ConvConfig{Padding: [2]int{2, 2}}},
		{2, 28, 28, 1, 4, 3, ConvConfig{Padding: [2]int{2, 2}}},
		{2, 15, 15, 4, 3, 3, ConvConfig{Padding: [2]int{2, 2}}},
		{3, 8, 8, 3, 5, 3, ConvConfig{Padding: [2]int{1, 1}}},
		{1, 7, 6, 2, 3, 3, ConvConfig{}},
		{2, 7, 9, 3, 2, 1, ConvConfig{}},
		{2, 5, 4, 2, 3, 2, ConvConfig{Padding: [2]int{1, 0}}},
		{2, 4, 4, 1, 2, 3, ConvConfig{Padding: [2]int{3, 3}}}, // more padding than the kernel reaches
		{2, 9, 8, 3, 4, 3, ConvConfig{Stride: [2]int{2, 2}, Padding: [2]int{1, 1}}},
		{1, 9, 9, 2, 4, 3, ConvConfig{Dilation: [2]int{2, 2}, Padding: [2]int{2, 2}}},
		{1, 11, 9, 2, 2, 3, ConvConfig{Dilation: [2]int{2, 2}, Stride: [2]int{2, 2}}},
		{2, 6, 6, 4, 6, 3, ConvConfig{Groups: 2, Padding: [2]int{1, 1}}},
		{2, 6, 5, 2, 3, 3, ConvConfig{Padding: [2]int{2, 2}, PaddingMode: PadReflect}},
		{2, 6, 5, 2, 3, 3, ConvConfig{Padding: [2]int{2, 2}, PaddingMode: PadReplicate}},
		{2, 6, 5, 2, 3, 3, ConvConfig{Padding: [2]int{2, 2}, PaddingMode: PadCircular}},
		{2, 6, 5, 4, 4, 3, ConvConfig{Padding: [2]int{1, 1}, PaddingMode: PadCircular, Groups: 2, Stride: [2]int{2, 2}}},
	}
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range cases {
			t.Run(fmt.Sprintf("%dx%dx%d to %d, kernel %d, %+v", c.height, c.width, c.in, c.out, c.kernel, c.cfg), func(t *testing.T) {
				groups := max(c.cfg.Groups, 1)
				x := graphtest.Random(r, false, c.n, c.height, c.width, c.in)
				w := graphtest.Random(r, false, c.out, c.in/groups, c.kernel, c.kernel)
				outHeight, outWidth := c.cfg.OutputSize(c.height, c.width, [2]int{c.kernel, c.kernel})
				dy := graphtest.Random(r, false, c.n, outHeight, outWidth, c.out)
				y, dx, dw := graphtest.NaiveConvolution(x, w, dy, naive(c.cfg))
				got := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node { return Conv2D(in[0], in[1], c.cfg) }), x, w, dy)
				graphtest.WantEqual(t, "output", got[0], y, kernelTolerance)
				graphtest.WantEqual(t, "input gradient", got[1], dx, kernelTolerance)
				graphtest.WantEqual(t, "kernel gradient", got[2], dw, kernelTolerance)
			})
		}
	})
}

// All methods must give the same result, not only the one that chooseConv returns.
func TestEveryConvolutionMethodGivesTheSame(t *testing.T) {
	strategies := map[string]convStrategy{
		"native":    {convNative, convNative, convNative, 0},
		"padded":    {convNative, convNative, convNativePadded, 0},
		"exchanged": {convNative, convNative, convNativeExchanged, 0},
		"parts":     {convNative, convNative, convNative, 2},
		"columns":   {convColumns, convNative, convRows, 0},
		"rows":      {convNative, convNative, convRows, 0},
		"shifted":   {convShifted, convShifted, convShifted, 0},
		"GoMLX":     {convNative, convNative, convGoMLX, 0},
	}
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		r := rand.New(rand.NewPCG(3, 4))
		for name, strategy := range strategies {
			for _, s := range []convShape{
				{batch: 4, height: 9, width: 7, inChannels: 1, outChannels: 4, kernel: [2]int{5, 5}, padding: [2]int{2, 2}},
				{batch: 2, height: 6, width: 5, inChannels: 3, outChannels: 4, kernel: [2]int{3, 3}, padding: [2]int{2, 2}},
				{batch: 6, height: 4, width: 4, inChannels: 2, outChannels: 2, kernel: [2]int{3, 3}},
				{batch: 4 * partImages, height: 4, width: 3, inChannels: 3, outChannels: 2, kernel: [2]int{3, 3}, padding: [2]int{2, 1}},
			} {
				x := graphtest.Random(r, false, s.batch, s.height, s.width, s.inChannels)
				w := graphtest.Random(r, false, s.outChannels, s.inChannels, s.kernel[0], s.kernel[1])
				outHeight, outWidth := s.outSize()
				dy := graphtest.Random(r, false, s.batch, outHeight, outWidth, s.outChannels)
				y, dx, dw := graphtest.NaiveConvolution(x, w, dy, naive(ConvConfig{Padding: s.padding}))
				got := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node {
					return convFast(in[0], in[1], s, strategy)
				}), x, w, dy)
				graphtest.WantEqual(t, name+": output", got[0], y, kernelTolerance)
				graphtest.WantEqual(t, name+": input gradient", got[1], dx, kernelTolerance)
				graphtest.WantEqual(t, name+": kernel gradient", got[2], dw, kernelTolerance)
			}
		}
	})
}

func TestMaxPoolSendsTheGradientToTheFirstMaximum(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, window := range []int{1, 2, 3, 4} {
			for _, size := range [][2]int{{8, 8}, {7, 9}, {5, 4}} {
				for _, ties := range []bool{false, true} {
					x := graphtest.Random(r, ties, 2, size[0], size[1], 3)
					outHeight, outWidth := size[0]/window, size[1]/window
					dy := graphtest.Random(r, false, 2, outHeight, outWidth, 3)
					y, dx := graphtest.NaiveMaxPool(x, dy, window)
					got := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node { return MaxPool2D(in[0], window) }), x, dy)
					what := fmt.Sprintf("windows of %d on %v, ties %v", window, size, ties)
					graphtest.WantEqual(t, what+": output", got[0], y, 0)
					graphtest.WantEqual(t, what+": gradient", got[1], dx, kernelTolerance)
				}
			}
		}
	})
}

// plainBatchNorm is batch norm in training by its definition, differentiated
// by GoMLX.
func plainBatchNorm(x, gamma, beta *Node) *Node {
	axes := []int{0, 1, 2}[:x.Rank()-1]
	centred := Sub(x, ReduceAndKeep(x, ReduceMean, axes...))
	variance := ReduceAndKeep(Mul(centred, centred), ReduceMean, axes...)
	return Add(Mul(Div(centred, Sqrt(AddScalar(variance, epsilon))), AlongChannels(gamma, x)), AlongChannels(beta, x))
}

func TestBatchNormFollowsTheDefinition(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, shape := range [][]int{{4, 5, 7, 3}, {6, 8, 8, 2}, {9, 4}} {
			channels := shape[len(shape)-1]
			x, dy := graphtest.Random(r, false, shape...), graphtest.Random(r, false, shape...)
			for i := range x.Data {
				x.Data[i] = 3*x.Data[i] + 5 // a mean that is not near 0
			}
			gamma, beta := graphtest.Random(r, false, channels), graphtest.Random(r, false, channels)
			want := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node { return plainBatchNorm(in[0], in[1], in[2]) }), x, gamma, beta, dy)
			got := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node {
				y, _, _ := BatchNorm(in[0], in[1], in[2], epsilon)
				return y
			}), x, gamma, beta, dy)
			for i, what := range []string{"output", "input gradient", "weight gradient", "bias gradient"} {
				graphtest.WantEqual(t, fmt.Sprintf("%v: %s", shape, what), got[i], want[i], 1e-5)
			}
		}
	})
}

func TestBatchNormWithReLUAndPoolingEqualsThemOneByOne(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		r := rand.New(rand.NewPCG(9, 10))
		for _, shape := range [][]int{{3, 8, 8, 4}, {2, 7, 9, 3}, {4, 17, 17, 2}} {
			channels := shape[3]
			x := graphtest.Random(r, false, shape...)
			gamma, beta := graphtest.Random(r, false, channels), graphtest.Random(r, false, channels)
			gamma.Data[0] = -gamma.Data[0] // a negative scale turns the order round
			dy := graphtest.Random(r, false, shape[0], shape[1]/2, shape[2]/2, channels)
			want := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node {
				return MaxPool2D(ReLU(plainBatchNorm(in[0], in[1], in[2])), 2)
			}), x, gamma, beta, dy)
			got := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node {
				y, _, _ := BatchNormReLUMaxPool(in[0], in[1], in[2], epsilon)
				return y
			}), x, gamma, beta, dy)
			for i, what := range []string{"output", "input gradient", "weight gradient", "bias gradient"} {
				graphtest.WantEqual(t, fmt.Sprintf("%v: %s", shape, what), got[i], want[i], 1e-5)
			}
		}
	})
}

// mask returns which of n values dropout keeps.
func mask(t *testing.T, backend compute.Backend, n int, seed uint64, layer, step int, p float64) []float32 {
	t.Helper()
	return graphtest.Run(t, backend, func(in []*Node) []*Node {
		number := ConvertDType(Reshape(in[0]), dtypes.Int32)
		return []*Node{ConvertDType(dropoutMask(number, []int{n}, seed, layer, p), dtypes.Float32)}
	}, &graphtest.Array{Shape: []int{1}, Data: []float32{float32(step)}})[0].Data
}

func TestDropoutDropsItsShareIndependently(t *testing.T) {
	const n = 100000
	backend := graphtest.Start(t, "go")
	agreement := func(a, b []float32) float64 {
		equal := 0
		for i := range a {
			if a[i] == b[i] {
				equal++
			}
		}
		return float64(equal) / n
	}
	for _, p := range []float64{0.1, 0.25, 0.5} {
		first := mask(t, backend, n, 1, 0, 0, p)
		kept := 0.0
		for _, v := range first {
			kept += float64(v)
		}
		// Five standard deviations of a binomial distribution.
		if bound := 5 * math.Sqrt(p*(1-p)/n); math.Abs(kept/n-(1-p)) > bound {
			t.Errorf("p=%v: kept %.4f of the values, want %.4f ± %.4f", p, kept/n, 1-p, bound)
		}
		// Independent masks agree with probability p² + (1-p)².
		chance := p*p + (1-p)*(1-p)
		for what, other := range map[string][]float32{
			"another step": mask(t, backend, n, 1, 0, 1, p), "another layer": mask(t, backend, n, 1, 1, 0, p), "another seed": mask(t, backend, n, 2, 0, 0, p),
			"its neighbours": append(first[1:n:n], first[0]),
		} {
			if got := agreement(first, other); math.Abs(got-chance) > 5*math.Sqrt(chance*(1-chance)/n) {
				t.Errorf("p=%v: the mask agrees with that of %s in %.4f of the values, chance is %.4f", p, what, got, chance)
			}
		}
	}
}

func TestDropoutIsTheSameOnEveryBackend(t *testing.T) {
	backend := graphtest.Start(t, "go")
	want := mask(t, backend, 5000, 42, 3, 17, 0.25)
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		for i, v := range mask(t, backend, 5000, 42, 3, 17, 0.25) {
			if v != want[i] {
				t.Fatalf("value %d differs from the Go backend's", i)
			}
		}
	})
}

func TestDropoutScalesWhatItKeepsAndItsGradient(t *testing.T) {
	graphtest.OnEachBackend(t, func(t *testing.T, backend compute.Backend) {
		x, dy := graphtest.New(1000), graphtest.New(1000)
		for i := range x.Data {
			x.Data[i], dy.Data[i] = 3, 2
		}
		got := graphtest.Run(t, backend, graphtest.WithGradients(func(in []*Node) *Node {
			return Dropout(in[0], Const(in[0].Graph(), int32(5)), 1, 0, 0.25)
		}), x, dy)
		for i, y := range got[0].Data {
			kept := y != 0
			if kept && math.Abs(float64(y)-4) > 1e-5 {
				t.Fatalf("a kept 3 became %v, want 3/0.75 = 4", y)
			}
			want := 0.0
			if kept {
				want = 2 / 0.75
			}
			if math.Abs(float64(got[1].Data[i])-want) > 1e-5 {
				t.Fatalf("gradient %v where the output is %v, want %v", got[1].Data[i], y, want)
			}
		}
	})
}

func TestPartsOfABatchAreEqualOnEachDevice(t *testing.T) {
	for _, devices := range []int{1, 2, 3, 8} {
		for batch := devices; batch <= 256; batch += devices {
			s := convShape{batch: batch, height: 14, width: 14, inChannels: 16, outChannels: 32, kernel: [2]int{5, 5}, padding: [2]int{2, 2}}
			parts := max(1, chooseConv(platformXLACPU, s, devices).parts)
			if batch%(parts*devices) != 0 || parts > 1 && batch/(parts*devices) < partImages {
				t.Errorf("%d images on %d devices: %d parts", batch, devices, parts)
			}
		}
	}
}
