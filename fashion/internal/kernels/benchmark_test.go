package kernels

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/graphtest"
	"fashionlab/fashion/internal/plugin"
)

// The benchmarks compare the ways of computing a part of a training step:
// value and gradients, for batches of 128. PERFORMANCE.md quotes them as ratios.

// benchBackend is XLA where its plugin is installed, unless $GOMLX_BACKEND says otherwise.
func benchBackend() string {
	if config := os.Getenv(compute.ConfigEnvVar); config != "" {
		return config
	}
	if file := plugin.Find(); file != "" && plugin.Linked {
		return plugin.Config(file)
	}
	return "go"
}

// benchGraph measures a graph of the given inputs, whose results are summed up
// on the device so that only one number is copied.
func benchGraph(b *testing.B, f func(in []*Node) []*Node, inputs ...*graphtest.Array) {
	b.Helper()
	backend := graphtest.Start(b, benchBackend())
	exec, err := NewExec(backend, func(in []*Node) *Node {
		var sum *Node
		for _, result := range f(in) {
			if s := ReduceAllSum(result); sum == nil {
				sum = s
			} else {
				sum = Add(sum, s)
			}
		}
		return sum
	})
	if err != nil {
		b.Fatal(err)
	}
	defer exec.Finalize()
	args := make([]any, len(inputs))
	for i, input := range inputs {
		t := input.Device()
		if err := t.MaterializeOnDevice(backend, false, 0); err != nil {
			b.Fatal(err)
		}
		args[i] = t
	}
	run := func() {
		out, err := exec.Call(args...)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tensors.CopyFlatData[float32](out[0]); err != nil {
			b.Fatal(err)
		}
	}
	run() // compiles
	for b.Loop() {
		run()
	}
}

func BenchmarkConvolution(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range []convShape{
		{batch: 128, height: 28, width: 28, inChannels: 1, outChannels: 32, kernel: [2]int{5, 5}, padding: [2]int{2, 2}},
		{batch: 128, height: 14, width: 14, inChannels: 32, outChannels: 64, kernel: [2]int{5, 5}, padding: [2]int{2, 2}},
		{batch: 128, height: 15, width: 15, inChannels: 32, outChannels: 64, kernel: [2]int{3, 3}, padding: [2]int{2, 2}},
		{batch: 128, height: 8, width: 8, inChannels: 64, outChannels: 128, kernel: [2]int{3, 3}, padding: [2]int{1, 1}},
	} {
		outHeight, outWidth := s.outSize()
		x := graphtest.Random(r, false, s.batch, s.height, s.width, s.inChannels)
		w := graphtest.Random(r, false, s.outChannels, s.inChannels, s.kernel[0], s.kernel[1])
		dy := graphtest.Random(r, false, s.batch, outHeight, outWidth, s.outChannels)
		shape := fmt.Sprintf("%dx%dx%d-to-%d-kernel-%d", s.height, s.width, s.inChannels, s.outChannels, s.kernel[0])
		b.Run(shape+"/chosen", func(b *testing.B) {
			benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node { return Conv2D(in[0], in[1], ConvConfig{Padding: s.padding}) }), x, w, dy)
		})
		b.Run(shape+"/GoMLX", func(b *testing.B) {
			benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node {
				return convPlain(in[0], in[1], ConvConfig{Padding: s.padding}.withDefaults())
			}), x, w, dy)
		})
	}
}

func BenchmarkMaxPool(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, dy := graphtest.Random(r, false, 128, 28, 28, 32), graphtest.Random(r, false, 128, 14, 14, 32)
	b.Run("own", func(b *testing.B) {
		benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node { return MaxPool2D(in[0], 2) }), x, dy)
	})
	b.Run("GoMLX", func(b *testing.B) {
		benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node { return MaxPool(in[0]).Window(2).Done() }), x, dy)
	})
}

func BenchmarkBatchNormReLUMaxPool(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, dy := graphtest.Random(r, false, 128, 28, 28, 32), graphtest.Random(r, false, 128, 14, 14, 32)
	gamma, beta := graphtest.Random(r, false, 32), graphtest.Random(r, false, 32)
	b.Run("together", func(b *testing.B) {
		benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node {
			y, _, _ := BatchNormReLUMaxPool(in[0], in[1], in[2], epsilon)
			return y
		}), x, gamma, beta, dy)
	})
	b.Run("one by one", func(b *testing.B) {
		benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node {
			y, _, _ := BatchNorm(in[0], in[1], in[2], epsilon)
			return MaxPool2D(ReLU(y), 2)
		}), x, gamma, beta, dy)
	})
	b.Run("elementary", func(b *testing.B) {
		benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node {
			return MaxPool2D(ReLU(plainBatchNorm(in[0], in[1], in[2])), 2)
		}), x, gamma, beta, dy)
	})
}

func BenchmarkDropout(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, dy := graphtest.Random(r, false, 128, 14, 14, 32), graphtest.Random(r, false, 128, 14, 14, 32)
	for _, p := range []float64{0, 0.25} {
		b.Run(fmt.Sprintf("rate %v", p), func(b *testing.B) {
			benchGraph(b, graphtest.WithGradients(func(in []*Node) *Node {
				return Dropout(MulScalar(in[0], 1), Const(in[0].Graph(), int32(1)), 1, 0, p)
			}), x, dy)
		})
	}
}

// The matrix product that everything is measured against.
func BenchmarkMatrixProduct1024(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := graphtest.Random(r, false, 1024, 1024), graphtest.Random(r, false, 1024, 1024)
	benchGraph(b, func(in []*Node) []*Node { return []*Node{Dot(in[0], in[1]).MatMul()} }, x, y)
	b.ReportMetric(2*1024*1024*1024*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
