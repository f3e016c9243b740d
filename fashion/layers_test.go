package fashion

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// layerFigures is testdata/pytorch/layers.json.
type layerFigures struct {
	Cases []struct {
		Name, Repr  string
		Training    bool
		X, Upstream *Tensor
		State       map[string]*Tensor
		Y           *Tensor
		XGradient   *Tensor `json:"x_gradient"`
		Gradients   map[string]*Tensor
		After       map[string]*Tensor
	}
	Whitening struct {
		Images []int
		Weight *Tensor
	}
}

func readLayerFigures(t *testing.T) layerFigures {
	t.Helper()
	text, err := os.ReadFile(referenceFile("layers") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var figures layerFigures
	if err := json.Unmarshal(text, &figures); err != nil {
		t.Fatal(err)
	}
	return figures
}

// parityLayers are the layers of layers.py, by the name of the case.
var parityLayers = map[string]Layer{
	"gelu":                     GELU(),
	"gelu tanh":                GELU(Approximate("tanh")),
	"leaky relu":               LeakyReLU(0.1),
	"avg pool":                 AvgPool2D(2),
	"adaptive avg pool 1":      AdaptiveAvgPool2D(1),
	"adaptive avg pool 3":      AdaptiveAvgPool2D(3),
	"max pool over the rest":   MaxPool2D(3),
	"pixel unshuffle":          PixelUnshuffle(2),
	"scale":                    Scale(1.0 / 8),
	"normalize":                Normalize(0.2860, 0.3530),
	"linear without bias":      Linear(6, 4, NoBias()),
	"frozen convolution":       Conv2D(3, 4, 3, Frozen("weight")),
	"batch norm without scale": BatchNorm2D(3, Epsilon(1e-12), Momentum(0.4), Frozen("weight")),
	"batch norm without shift": BatchNorm2D(3, Frozen("bias")),
	"batch norm in evaluation": BatchNorm2D(3, Epsilon(1e-3), Momentum(0.4), Frozen("weight")),
	"vectors' batch norm":      BatchNorm1D(4, Momentum(0.25)),
	"residual":                 Residual(Conv2D(3, 3, 3, Padding(1), NoBias()), BatchNorm2D(3), GELU()),
	"residual in evaluation": Residual(Conv2D(3, 4, 3, Padding(1)), BatchNorm2D(4), LeakyReLU(0.1),
		Shortcut(Conv2D(3, 4, 1, NoBias()), BatchNorm2D(4, Epsilon(1e-3), Frozen("weight")))),
}

// channelsLast puts images [batch channels height width] into the order of layers.
func channelsLast(x *Node) *Node {
	if x.Rank() == 4 {
		return TransposeAllAxes(x, 0, 2, 3, 1)
	}
	return x
}

func TestEachLayerComputesAndPrintsWhatPyTorchDoes(t *testing.T) {
	figures := readLayerFigures(t)
	if len(figures.Cases) != len(parityLayers) {
		t.Fatalf("%d cases for %d layers", len(figures.Cases), len(parityLayers))
	}
	onEachBackend(t, func(t *testing.T) {
		for _, r := range figures.Cases {
			t.Run(r.Name, func(t *testing.T) {
				layer := parityLayers[r.Name]
				if want := strings.ReplaceAll(r.Repr, "affine=True, bias=True,", "affine=True,"); layer.String() != want {
					t.Errorf("printed as\n%v\nPyTorch prints\n%s", layer, want)
				}
				if shape, err := layer.OutputShape(r.X.Shape[1:]); err != nil || !slices.Equal(shape, r.Y.Shape[1:]) {
					t.Errorf("output shape %v, error %v; PyTorch has %v", shape, err, r.Y.Shape[1:])
				}
				parameters := layer.Parameters()
				if len(parameters) != len(r.State) {
					t.Fatalf("parameters %v, PyTorch has %d", parameters, len(r.State))
				}
				inputs := []*Tensor{r.X, r.Upstream}
				want := map[string]*Tensor{"output": r.Y, "gradient of the input": r.XGradient}
				var names []string // of the graph's results
				for _, p := range parameters {
					state := r.State[p.Name]
					if state == nil || !slices.Equal(state.Shape, p.Shape) {
						t.Fatalf("parameter %s %v, PyTorch has %v", p.Name, p.Shape, state)
					}
					inputs = append(inputs, state)
					gradient := r.Gradients[p.Name]
					if (gradient != nil) != p.Trainable {
						t.Errorf("parameter %s: trainable is %v, PyTorch's gradient %v", p.Name, p.Trainable, gradient)
					}
					if gradient != nil {
						want["gradient of "+p.Name] = gradient
					}
				}
				for name, after := range r.After {
					if r.Training {
						want[name] = after
					}
				}
				got := runGraph(t, func(in []*Node) []*Node {
					c := &Context{training: r.Training, nodes: map[string]*Node{}, updates: map[string]*Node{}}
					of, at := []string{"gradient of the input"}, []*Node{in[0]}
					for i, p := range parameters {
						c.nodes[p.Name] = in[2+i]
						if p.Trainable {
							of, at = append(of, "gradient of "+p.Name), append(at, in[2+i])
						}
					}
					y := channelsFirst(layer.Build(c, channelsLast(in[0])))
					results := append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, in[1])), at...)...)
					names = append([]string{"output"}, of...)
					for name, value := range c.updates {
						if !strings.HasSuffix(name, "num_batches_tracked") {
							names, results = append(names, name), append(results, value)
						}
					}
					return results
				}, inputs...)
				if len(got) != len(want) {
					t.Fatalf("results %v, PyTorch has %d", names, len(want))
				}
				for i, name := range names {
					wantEqual(t, name, got[i], want[name], 1e-5)
				}
			})
		}
	})
}

func TestEachLayerSurvivesItsDescription(t *testing.T) {
	for name, layer := range parityLayers {
		m := NewModel("m", Block("b", layer), Named("n", Residual(layer, Residual(layer))))
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again := &Model{}
		if err := json.Unmarshal(text, again); err != nil || !reflect.DeepEqual(m, again) {
			t.Errorf("%s: %v became %v, error %v", name, m, again, err)
		}
	}
}

func TestWhitenSetsTheKernelsOfAirbench(t *testing.T) {
	r := readLayerFigures(t).Whitening
	data := &Dataset{Labels: make([]byte, len(r.Images)/ImagePixels)}
	for _, v := range r.Images {
		data.Images = append(data.Images, byte(v))
	}
	onEachBackend(t, func(t *testing.T) {
		net := initialised(t, NewModel("m", Normalize(0.2860, 0.3530), PixelUnshuffle(2),
			Named("whiten", Conv2D(4, 10, 3, Frozen("weight"))), MaxPool2D(3), Flatten(), Linear(160, 10)))
		before := net.Weights.Clone()
		if err := net.Whiten("whiten", data.All(), 5e-4); err != nil {
			t.Fatal(err)
		}
		for _, name := range net.Weights.Names() {
			got, _ := net.Weights.Get(name)
			want, _ := before.Get(name)
			if name == "whiten.weight" {
				want = r.Weight
			}
			wantEqual(t, name, got, want, 1e-4)
		}
		if err := net.Weights.check(net.Model); err != nil {
			t.Error(err)
		}
		for _, layer := range []string{"0", "none"} {
			if err := net.Whiten(layer, data.All(), 5e-4); err == nil || !strings.Contains(err.Error(), layer) {
				t.Errorf("layer %s: error %v", layer, err)
			}
		}
	})
}

// The numbers of parameters are those of the same networks in PyTorch.
func TestNetworksWithWhiteningLearnAndAreSaved(t *testing.T) {
	recipe, err := RecipeByName("fast")
	if err != nil {
		t.Fatal(err)
	}
	larger, err := RecipeByName("best")
	if err != nil {
		t.Fatal(err)
	}
	fast, best := recipe.Model, larger.Model
	for _, c := range []struct {
		model             *Model
		trainable, frozen int
	}{
		{best, 9*(16*32+32*32+32*64+64*64+64*128+128*128) + 2*(32+64+128) + 1280, 9*16 + 2*(32+64+128)},
		{fast, 9*(8*24+24*24+24*48+48*48+48*96+96*96) + 2*(24+48+96) + 960, 9*8 + 2*(24+48+96)},
	} {
		summary, err := c.model.Summary()
		if err != nil {
			t.Fatal(err)
		}
		if summary.Parameters != c.trainable || summary.Frozen != c.frozen {
			t.Errorf("%s: %d parameters and %d frozen, want %d and %d", c.model.Name(), summary.Parameters, summary.Frozen, c.trainable, c.frozen)
		}
	}
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	net, err := recipe.Init(train.Subset(), 1)
	if err != nil {
		t.Fatal(err)
	}
	dirac, _ := net.Weights.Get("group1.0.weight")
	for i, v := range dirac.Data[:8*8*9] {
		want := float32(0)
		if i%9 == 4 && i/9%8 == i/(9*8) {
			want = 1
		}
		if v != want {
			t.Fatalf("the first weight's value %d is %v, want %v of the identity", i, v, want)
		}
	}
	before := net.Weights.Clone()
	history, err := net.Fit(train, Training{Epochs: 1, Steps: 4, Optimizer: Adam(0.003)})
	if err != nil {
		t.Fatal(err)
	}
	if last := history.StepLosses[3]; !(last < history.StepLosses[0]) {
		t.Errorf("losses %v, want them to fall", history.StepLosses)
	}
	for _, p := range fast.Parameters() {
		was, _ := before.Get(p.Name)
		is, _ := net.Weights.Get(p.Name)
		if changed := !slices.Equal(was.Data, is.Data); changed == p.Frozen {
			t.Errorf("%s: changed is %v, frozen %v", p.Name, changed, p.Frozen)
		}
	}
	path := t.TempDir() + "/fast.safetensors"
	if err := net.SaveSafetensors(path); err != nil {
		t.Fatal(err)
	}
	again, err := fast.LoadSafetensors(path)
	if err != nil || !reflect.DeepEqual(again.Weights, net.Weights) {
		t.Errorf("the weights changed in the file, error %v", err)
	}
}

func TestSettingsThatMakeNoSenseAreErrors(t *testing.T) {
	for says, layer := range map[string]Layer{
		`approximate "erf"`:               GELU(Approximate("erf")),
		`parameter "scale"`:               BatchNorm2D(1, Frozen("scale")),
		`"wieght" is frozen`:              Conv2D(1, 1, 1, Frozen("wieght")),
		"momentum 2":                      BatchNorm2D(1, Momentum(2)),
		"an output size of 0":             AdaptiveAvgPool2D(0),
		"kernel size 0":                   AvgPool2D(0),
		"a factor that divides":           PixelUnshuffle(3),
		"deviation other than 0":          Normalize(0, 0),
		"want a finite number":            Scale(math.Inf(1)),
		"branch of 0 layers":              Residual(),
		"equal shapes":                    Residual(Conv2D(1, 2, 1)),
		`branch.1: layer "fashion.child"`: Residual(ReLU(), Named("a", ReLU())),
		"branch.0: Conv2d(2, 1":           Residual(Conv2D(2, 1, 1)),
		"shortcut.0: an output of":        Residual(ReLU(), Shortcut(Conv2D(1, 1, 1, Padding(maxSetting)))),
	} {
		if _, err := NewModel("m", layer, Flatten(), Linear(784, 10)).Summary(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: error %v, want one with %s", layer, err, says)
		}
	}
}

func TestALayerWithoutAnONNXFormIsNamed(t *testing.T) {
	net := initialised(t, NewModel("m", Named("blocks", Residual(ReLU(), AdaptiveAvgPool2D(3), Shortcut(AdaptiveAvgPool2D(3)))), Flatten(), Linear(9, 10)))
	if err := net.SaveONNX(t.TempDir() + "/m.onnx"); err == nil || !strings.Contains(err.Error(), "layer blocks.branch.1: AdaptiveAvgPool2d(output_size=3) of an image of 28×28 has no ONNX form") {
		t.Errorf("error %v", err)
	}
}
