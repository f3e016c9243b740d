package fashion

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"fashionlab/fashion/internal/graphtest"
	"fashionlab/fashion/internal/kernels"
)

// randomTensor draws from a normal distribution.
func randomTensor(r *rand.Rand, shape ...int) *Tensor {
	return (*Tensor)(graphtest.Random(r, false, shape...))
}

// runGraph runs a graph function on the process's backend.
func runGraph(t *testing.T, f func(in []*Node) []*Node, inputs ...*Tensor) []*Tensor {
	t.Helper()
	backend, _, err := DefaultBackend()
	if err != nil {
		t.Fatal(err)
	}
	arrays := make([]*graphtest.Array, len(inputs))
	for i, input := range inputs {
		arrays[i] = (*graphtest.Array)(input)
	}
	var results []*Tensor
	for _, result := range graphtest.Run(t, backend, f, arrays...) {
		results = append(results, (*Tensor)(result))
	}
	return results
}

// wantEqual compares values, with a tolerance relative to the largest one.
func wantEqual(t *testing.T, what string, got, want *Tensor, tolerance float64) {
	t.Helper()
	graphtest.WantEqual(t, what, (*graphtest.Array)(got), (*graphtest.Array)(want), tolerance)
}

func TestCrossEntropyGraphMatchesTheHostsAndItsGradient(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		logits := randomTensor(r, 6, 10)
		logits.Data[0] = 1000 // must not overflow
		labels := []byte{0, 3, 9, 1, 1, 5}
		host := NewTensor(6)
		for i, label := range labels {
			host.Data[i] = float32(label)
		}
		got := runGraph(t, func(in []*Node) []*Node {
			loss := kernels.CrossEntropy(in[0], ConvertDType(in[1], dtypes.Int32), 0)
			return append([]*Node{loss}, Gradient(loss, in[0])...)
		}, logits, host)
		want, err := logits.CrossEntropy(labels)
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
