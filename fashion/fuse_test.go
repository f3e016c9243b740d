package fashion

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// The models of TestFusedLayersEqualSeparateOnes: every kind of fused layers.
func fusedModels(t *testing.T) []*Model {
	models := []*Model{
		NewModel("pooled by 3",
			Block("conv1", Conv2D(1, 4, 3, Padding(1)), BatchNorm2D(4), ReLU(), MaxPool2D(3)),
			Flatten(), Named("out", Linear(4*9*9, NumClasses))),
		NewModel("no bias",
			Block("conv1", Conv2D(1, 4, 3, NoBias()), BatchNorm2D(4), ReLU(), MaxPool2D(2)),
			Block("conv2", Conv2D(4, 6, 3, NoBias(), Stride(2)), BatchNorm2D(6), ReLU()),
			Block("rest", ReLU(), MaxPool2D(2)),
			Flatten(), Named("out", Linear(6*3*3, NumClasses))),
		NewModel("norm first",
			Block("norm", BatchNorm2D(1), ReLU(), MaxPool2D(2)),
			Block("conv", Conv2D(1, 3, 5), BatchNorm2D(3)),
			Flatten(), Named("out", Linear(3*10*10, NumClasses))),
		NewModel("new options",
			Named("whiten", Conv2D(1, 4, 3, Frozen("weight"))),
			Block("group", GELU(), Conv2D(4, 6, 3, NoBias(), Dirac()), MaxPool2D(2), BatchNorm2D(6, Frozen("weight"), Momentum(0.4), Epsilon(1e-3)), GELU(),
				Conv2D(6, 6, 3, Frozen("bias")), BatchNorm2D(6, Frozen("weight"), Epsilon(1e-3)), GELU()),
			Block("pooled", Conv2D(6, 6, 3, NoBias()), BatchNorm2D(6, Frozen(), Epsilon(1e-3)), ReLU(), MaxPool2D(2), LeakyReLU(0.1)),
			Flatten(), Named("out", Linear(6*4*4, NumClasses, NoBias())), Scale(0.125)),
	}
	homework, err := CNNv2().WithDropout(0)
	if err != nil {
		t.Fatal(err)
	}
	models = append(models, homework)
	return models
}

func TestFusedLayersEqualSeparateOnes(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for a minute")
	}
	onEachBackend(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, model := range fusedModels(t) {
			inputs := []*Tensor{randomTensor(r, 3, ImageHeight, ImageWidth, 1)}
			parameters := model.Parameters()
			for _, p := range parameters {
				w := randomTensor(r, p.Shape...)
				for i, v := range w.Data {
					w.Data[i] = v * 0.3
					switch {
					case !p.Trainable:
						w.Data[i] = 1 + v*v // a variance is positive
					case len(p.Shape) == 1:
						w.Data[i]++ // batch norm's scale stays away from 0
					}
				}
				inputs = append(inputs, w)
			}
			inputs = append(inputs, randomTensor(r, 3, NumClasses))
			for _, training := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, training %v", model.Name(), training), func(t *testing.T) {
					// The results: logits, what training changes besides the weights, and
					// the gradients of all weights.
					graphOf := func(build func(c *Context, x *Node) *Node) func(in []*Node) []*Node {
						return func(in []*Node) []*Node {
							c := model.context(in[1:])
							c.training = training
							var trainable []*Node
							for i, p := range parameters {
								if p.Trainable {
									trainable = append(trainable, in[1+i])
								}
							}
							y := build(c, in[0])
							results := append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, in[len(in)-1])), trainable...)...)
							for _, name := range slices.Sorted(maps.Keys(c.updates)) {
								results = append(results, c.updates[name])
							}
							return results
						}
					}
					fused := runGraph(t, graphOf(func(c *Context, x *Node) *Node {
						y, _ := model.forward(c, x)
						return y
					}), inputs...)
					separate := runGraph(t, graphOf(func(c *Context, x *Node) *Node {
						for _, s := range model.layers() {
							c.prefix = s.prefix
							x = s.layer.Build(c, x)
						}
						return x
					}), inputs...)
					largest := 0.0
					for _, gradient := range separate[1:] {
						for _, v := range gradient.Data {
							largest = max(largest, float64(max(v, -v)))
						}
					}
					for i := range separate {
						if i == 0 {
							wantEqual(t, "logits", fused[i], separate[i], 2e-5)
							continue
						}
						// A bias before batch norm has a gradient of rounding errors; so
						// compare all with the scale of the largest gradient.
						for k, v := range fused[i].Data {
							if d := float64(v - separate[i].Data[k]); max(d, -d) > 2e-5*largest {
								t.Fatalf("result %d, value %d: %v fused, %v separately", i, k, v, separate[i].Data[k])
							}
						}
					}
				})
			}
		}
	})
}
