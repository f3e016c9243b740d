package fashion

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

func TestOptimizersFollowTheirRules(t *testing.T) {
	weights, gradient := []float32{1, -2, 0.5, 3}, []float32{0.5, -0.1, 0, 1e-9}
	onEachBackend(t, func(t *testing.T) {
		for _, o := range []Optimizer{SGD(0.1), Adam(0.01)} {
			w := &Tensor{Shape: []int{4}, Data: weights}
			slots := []*Tensor{NewTensor(4), NewTensor(4)}
			// The rules in float64, https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html.
			want := []float64{1, -2, 0.5, 3}
			m, v := make([]float64, 4), make([]float64, 4)
			for step := 1; step <= 3; step++ {
				g := NewTensor(4)
				for i := range g.Data {
					g.Data[i] = gradient[i] * float32(step)
				}
				inputs := []*Tensor{w, g, {Shape: []int{1}, Data: []float32{float32(step)}}}
				inputs = append(inputs, slots[:len(o.slots())]...)
				out := runGraph(t, func(in []*Node) []*Node {
					after, slots := o.update(in[0], in[1], in[3:], stepValues{number: Reshape(in[2])}, 1)
					return append([]*Node{after}, slots...)
				}, inputs...)
				w, slots = out[0], out[1:]
				for i := range want {
					gi := float64(g.Data[i])
					if o.Name == "sgd" {
						want[i] -= 0.1 * gi
						continue
					}
					m[i] = 0.9*m[i] + 0.1*gi
					v[i] = 0.999*v[i] + 0.001*gi*gi
					mHat := m[i] / (1 - math.Pow(0.9, float64(step)))
					vHat := v[i] / (1 - math.Pow(0.999, float64(step)))
					want[i] -= 0.01 * mHat / (math.Sqrt(vHat) + 1e-8)
				}
				for i := range want {
					if math.Abs(float64(w.Data[i])-want[i]) > 2e-6 {
						t.Errorf("%v, step %d, weight %d: %v, want %v", o, step, i, w.Data[i], want[i])
					}
				}
			}
		}
	})
}

func TestOptimizersRefuseInvalidLearningRates(t *testing.T) {
	for _, o := range []Optimizer{{Name: "rmsprop", LearningRate: 0.1}, SGD(0), Adam(-1), SGD(math.NaN()), Adam(math.Inf(1))} {
		if err := o.Check(); err == nil {
			t.Errorf("%v was accepted", o)
		}
	}
}

func TestANameDoesNotChooseTheOptimizer(t *testing.T) {
	own := NewModel("softmax", Flatten(), Linear(ImagePixels, 20), ReLU(), Linear(20, NumClasses))
	described, err := describedModel(SoftmaxRegression().describe())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		model *Model
		want  Optimizer
	}{
		{"the softmax regression", SoftmaxRegression(), SGD(0.001)},
		{"the softmax regression of a run", described, SGD(0.001)},
		{"another model of that name", own, Adam(0.01)},
		{"a CNN", CNN(), Adam(0.01)},
	} {
		if got := c.model.DefaultOptimizer(); got != c.want {
			t.Errorf("%s gets %v, want %v", c.what, got, c.want)
		}
	}
}
