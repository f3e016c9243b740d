package fashion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// How exactly float32 kernels agree with sums in float64, relative to the
// largest value.
const kernelTolerance = 2e-6

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
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range cases {
			t.Run(fmt.Sprintf("%dx%dx%d to %d, kernel %d, %+v", c.height, c.width, c.in, c.out, c.kernel, c.cfg), func(t *testing.T) {
				groups := max(c.cfg.Groups, 1)
				x := randomTensor(r, false, c.n, c.height, c.width, c.in)
				w := randomTensor(r, false, c.out, c.in/groups, c.kernel, c.kernel)
				outHeight, outWidth := c.cfg.OutputSize(c.height, c.width, [2]int{c.kernel, c.kernel})
				dy := randomTensor(r, false, c.n, outHeight, outWidth, c.out)
				y, dx, dw := naiveConvolution(x, w, dy, c.cfg)
				got := runGraph(t, withGradients(func(in []*Node) *Node { return convolve(in[0], in[1], c.cfg) }), x, w, dy)
				wantEqual(t, "output", got[0], y, kernelTolerance)
				wantEqual(t, "input gradient", got[1], dx, kernelTolerance)
				wantEqual(t, "kernel gradient", got[2], dw, kernelTolerance)
			})
		}
	})
}

// Whatever chooseConv picks for a shape, every way must give the same.
func TestEveryConvolutionMethodGivesTheSame(t *testing.T) {
	methods := map[string]convMethod{
		"native": convNative, "padded": convNativePadded, "columns": convColumns, "rows": convRows, "shifted": convShifted,
	}
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for name, method := range methods {
			for _, s := range []convShape{
				{batch: 2, height: 9, width: 7, inChannels: 1, outChannels: 4, kernel: [2]int{5, 5}, padding: [2]int{2, 2}},
				{batch: 2, height: 6, width: 5, inChannels: 3, outChannels: 4, kernel: [2]int{3, 3}, padding: [2]int{2, 2}},
				{batch: 3, height: 4, width: 4, inChannels: 2, outChannels: 2, kernel: [2]int{3, 3}},
			} {
				x := randomTensor(r, false, s.batch, s.height, s.width, s.inChannels)
				w := randomTensor(r, false, s.outChannels, s.inChannels, s.kernel[0], s.kernel[1])
				outHeight, outWidth := s.outSize()
				dy := randomTensor(r, false, s.batch, outHeight, outWidth, s.outChannels)
				y, dx, dw := naiveConvolution(x, w, dy, ConvConfig{Padding: s.padding})
				got := runGraph(t, withGradients(func(in []*Node) *Node {
					return convolveFast(in[0], in[1], s, convStrategy{method, method, method})
				}), x, w, dy)
				wantEqual(t, name+": output", got[0], y, kernelTolerance)
				wantEqual(t, name+": input gradient", got[1], dx, kernelTolerance)
				wantEqual(t, name+": kernel gradient", got[2], dw, kernelTolerance)
			}
		}
	})
}

func TestMaxPoolSendsTheGradientToTheFirstMaximum(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, cfg := range []PoolConfig{
			{Kernel: [2]int{2, 2}},
			{Kernel: [2]int{3, 3}},
			{Kernel: [2]int{3, 2}, Stride: [2]int{2, 1}},
			{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: [2]int{1, 1}},
			{Kernel: [2]int{2, 2}, Stride: [2]int{3, 3}},
		} {
			for _, size := range [][2]int{{8, 8}, {7, 9}, {5, 4}} {
				for _, ties := range []bool{false, true} {
					x := randomTensor(r, ties, 2, size[0], size[1], 3)
					outHeight, outWidth := cfg.OutputSize(size[0], size[1])
					dy := randomTensor(r, false, 2, outHeight, outWidth, 3)
					y, dx := naiveMaxPool(x, dy, cfg)
					got := runGraph(t, withGradients(func(in []*Node) *Node { return maxPool2D(in[0], cfg) }), x, dy)
					what := fmt.Sprintf("%+v on %v, ties %v", cfg, size, ties)
					wantEqual(t, what+": output", got[0], y, 0)
					wantEqual(t, what+": gradient", got[1], dx, kernelTolerance)
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
	return Add(Mul(Div(centred, Sqrt(AddScalar(variance, batchNormEpsilon))), alongChannels(gamma, x)), alongChannels(beta, x))
}

func TestBatchNormFollowsTheDefinition(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, shape := range [][]int{{4, 5, 7, 3}, {6, 8, 8, 2}, {9, 4}} {
			channels := shape[len(shape)-1]
			x, dy := randomTensor(r, false, shape...), randomTensor(r, false, shape...)
			for i := range x.Data {
				x.Data[i] = 3*x.Data[i] + 5 // a mean that is not near 0
			}
			gamma, beta := randomTensor(r, false, channels), randomTensor(r, false, channels)
			want := runGraph(t, withGradients(func(in []*Node) *Node { return plainBatchNorm(in[0], in[1], in[2]) }), x, gamma, beta, dy)
			got := runGraph(t, withGradients(func(in []*Node) *Node {
				y, _, _ := batchNormTraining(in[0], in[1], in[2], batchNormEpsilon)
				return y
			}), x, gamma, beta, dy)
			for i, what := range []string{"output", "input gradient", "weight gradient", "bias gradient"} {
				wantEqual(t, fmt.Sprintf("%v: %s", shape, what), got[i], want[i], 1e-5)
			}
		}
	})
}

func TestBatchNormWithReLUAndPoolingEqualsThemOneByOne(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 10))
		for _, shape := range [][]int{{3, 8, 8, 4}, {2, 7, 9, 3}, {4, 17, 17, 2}} {
			channels := shape[3]
			x := randomTensor(r, false, shape...)
			gamma, beta := randomTensor(r, false, channels), randomTensor(r, false, channels)
			gamma.Data[0] = -gamma.Data[0] // a negative scale turns the order round
			dy := randomTensor(r, false, shape[0], shape[1]/2, shape[2]/2, channels)
			pool := PoolConfig{Kernel: [2]int{2, 2}}
			want := runGraph(t, withGradients(func(in []*Node) *Node {
				return maxPool2D(ReLU().Build(nil, plainBatchNorm(in[0], in[1], in[2])), pool)
			}), x, gamma, beta, dy)
			got := runGraph(t, withGradients(func(in []*Node) *Node {
				y, _, _ := batchNormReLUMaxPool(in[0], in[1], in[2], batchNormEpsilon)
				return y
			}), x, gamma, beta, dy)
			for i, what := range []string{"output", "input gradient", "weight gradient", "bias gradient"} {
				wantEqual(t, fmt.Sprintf("%v: %s", shape, what), got[i], want[i], 1e-5)
			}
		}
	})
}

// mask returns which of n values dropout keeps.
func mask(t *testing.T, n int, seed uint64, layer, step int, p float64) []float32 {
	t.Helper()
	return runGraph(t, func(in []*Node) []*Node {
		number := ConvertDType(Reshape(in[0]), dtypes.Int32)
		return []*Node{ConvertDType(dropoutMask(number, []int{n}, seed, layer, p), dtypes.Float32)}
	}, &Tensor{Shape: []int{1}, Data: []float32{float32(step)}})[0].Data
}

func TestDropoutDropsItsShareIndependently(t *testing.T) {
	const n = 100000
	useBackend(t, "go")
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
		first := mask(t, n, 1, 0, 0, p)
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
			"another step": mask(t, n, 1, 0, 1, p), "another layer": mask(t, n, 1, 1, 0, p), "another seed": mask(t, n, 2, 0, 0, p),
			"its neighbours": append(first[1:n:n], first[0]),
		} {
			if got := agreement(first, other); math.Abs(got-chance) > 5*math.Sqrt(chance*(1-chance)/n) {
				t.Errorf("p=%v: the mask agrees with that of %s in %.4f of the values, chance is %.4f", p, what, got, chance)
			}
		}
	}
}

func TestDropoutIsTheSameOnEveryBackend(t *testing.T) {
	useBackend(t, "go")
	want := mask(t, 5000, 42, 3, 17, 0.25)
	onEachBackend(t, func(t *testing.T) {
		for i, v := range mask(t, 5000, 42, 3, 17, 0.25) {
			if v != want[i] {
				t.Fatalf("value %d differs from the Go backend's", i)
			}
		}
	})
}

func TestDropoutScalesWhatItKeepsAndItsGradient(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		x, dy := NewTensor(1000), NewTensor(1000)
		for i := range x.Data {
			x.Data[i], dy.Data[i] = 3, 2
		}
		got := runGraph(t, withGradients(func(in []*Node) *Node {
			return dropOut(in[0], Const(in[0].Graph(), int32(5)), 1, 0, 0.25)
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

func TestCrossEntropyGraphMatchesTheHostsAndItsGradient(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		logits := randomTensor(r, false, 6, 10)
		logits.Data[0] = 1000 // must not overflow
		labels := []byte{0, 3, 9, 1, 1, 5}
		host := NewTensor(6)
		for i, label := range labels {
			host.Data[i] = float32(label)
		}
		got := runGraph(t, func(in []*Node) []*Node {
			loss := crossEntropy(in[0], ConvertDType(in[1], dtypes.Int32))
			return append([]*Node{loss}, Gradient(loss, in[0])...)
		}, logits, host)
		want, err := CrossEntropy(logits, labels)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(float64(got[0].Data[0])-want) > 1e-6*math.Max(1, want) {
			t.Errorf("loss %v, want %v", got[0].Data[0], want)
		}
		// d loss / d logit = (softmax - one-hot) / n
		gradient := logits.Softmax()
		for i, label := range labels {
			gradient.Data[i*10+int(label)]--
		}
		for i := range gradient.Data {
			gradient.Data[i] /= 6
		}
		wantEqual(t, "gradient", got[1], gradient, 1e-5)
	})
}
