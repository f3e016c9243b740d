// Package graphtest holds helpers for tests of graphs: an array on the host, definitions
// written as loops in float64, and backends.
package graphtest

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // the Go backend; plugin has XLA
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/plugin"
)

// Array is a tensor on the host. It has the same fields as fashion.Tensor.
type Array struct {
	Shape []int
	Data  []float32
}

// New makes an array of zeros.
func New(shape ...int) *Array {
	size := 1
	for _, length := range shape {
		size *= length
	}
	return &Array{Shape: append([]int{}, shape...), Data: make([]float32, size)}
}

// OnEachBackend runs a test on the Go backend and on XLA. If no XLA plugin is installed, the
// XLA part is skipped, or fails if FASHION_REQUIRE_XLA is set.
func OnEachBackend(t *testing.T, test func(t *testing.T, backend compute.Backend)) {
	t.Helper()
	t.Run("go", func(t *testing.T) { test(t, Start(t, "go")) })
	t.Run("xla", func(t *testing.T) { test(t, Start(t, XLA(t))) })
}

// XLA returns the configuration of the installed XLA plugin. Without a plugin it skips the
// test, or fails it if FASHION_REQUIRE_XLA is set.
func XLA(t *testing.T) string {
	t.Helper()
	if os.Getenv(compute.ConfigEnvVar) == "go" {
		t.Skip("$GOMLX_BACKEND=go leaves XLA out")
	}
	file := plugin.Find()
	switch {
	case file != "" && plugin.Linked:
		return plugin.Config(file)
	case os.Getenv("FASHION_REQUIRE_XLA") != "":
		t.Fatal("no XLA plugin found: run make setup")
	}
	t.Skip("no XLA plugin found: run make setup to test it too")
	return ""
}

// started holds the backends by configuration, since a plugin can be started only once.
var started = map[string]compute.Backend{}

// Start returns a backend, XLA with two devices. It starts each backend once in a process.
func Start(t testing.TB, config string) compute.Backend {
	t.Helper()
	if backend, ok := started[config]; ok {
		return backend
	}
	backend, err := plugin.Start(config, 2)
	if err != nil {
		t.Fatal(err)
	}
	started[config] = backend
	return backend
}

// Random draws values from a normal distribution, or, if ties is true, small whole numbers,
// so that many values are equal.
func Random(r *rand.Rand, ties bool, shape ...int) *Array {
	t := New(shape...)
	for i := range t.Data {
		if ties {
			t.Data[i] = float32(r.IntN(3) - 1)
		} else {
			t.Data[i] = float32(r.NormFloat64())
		}
	}
	return t
}

// Run runs a graph function on a backend.
func Run(t *testing.T, backend compute.Backend, f func(in []*Node) []*Node, inputs ...*Array) []*Array {
	t.Helper()
	exec, err := NewExec(backend, f)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	args := make([]any, len(inputs))
	for i, input := range inputs {
		args[i] = input.Device()
	}
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]*Array, len(out))
	for i, o := range out {
		data, err := tensors.CopyFlatData[float32](o)
		if err != nil {
			t.Fatal(err)
		}
		results[i] = &Array{Shape: o.Shape().Dimensions, Data: data}
	}
	return results
}

// Device returns the array as a GoMLX tensor.
func (a *Array) Device() *tensors.Tensor {
	if len(a.Shape) == 0 {
		return tensors.FromScalar(a.Data[0])
	}
	return tensors.FromFlatDataAndDimensions(a.Data, a.Shape...)
}

// WithGradients returns f's value and the gradients of Σ f·dy with respect to
// all inputs but the last, which is dy.
func WithGradients(f func(in []*Node) *Node) func(in []*Node) []*Node {
	return func(in []*Node) []*Node {
		last := len(in) - 1
		y := f(in[:last])
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, in[last])), in[:last]...)...)
	}
}

// WantEqual compares values, with a tolerance relative to the largest one.
func WantEqual(t *testing.T, what string, got, want *Array, tolerance float64) {
	t.Helper()
	if len(got.Data) != len(want.Data) {
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
