package fashion

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

// layersOf are the lines of a printed model that name a layer, without their names.
func layersOf(printed string) []string {
	var layers []string
	for _, line := range strings.Split(printed, "\n") {
		if _, layer, ok := strings.Cut(line, "): "); ok && !strings.HasPrefix(layer, "Flatten") {
			layers = append(layers, layer)
		}
	}
	return layers
}

func TestModelsPrintCountAndNameTheirWeightsAsInPyTorch(t *testing.T) {
	for _, name := range ModelNames() {
		text, err := os.ReadFile(referenceFile(name) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var r struct {
			Repr       string  `json:"repr"`
			Parameters int     `json:"parameters"`
			Tensors    [][]any `json:"tensors"`
		}
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		model, err := ModelByName(name)
		if err != nil {
			t.Fatal(err)
		}
		// PyTorch's models flatten in forward, ours in a layer. PyTorch 2.15 prints a
		// bias for batch norm, which the versions that the homework knew did not.
		if got, want := layersOf(model.String()), layersOf(strings.ReplaceAll(r.Repr, "affine=True, bias=True,", "affine=True,")); !reflect.DeepEqual(got, want) {
			t.Errorf("%s prints %q, PyTorch %q", name, got, want)
		}
		if model.NumParameters() != r.Parameters {
			t.Errorf("%s has %d parameters, in PyTorch %d", name, model.NumParameters(), r.Parameters)
		}
		parameters := model.Parameters()
		if len(parameters) != len(r.Tensors) {
			t.Fatalf("%s has %d tensors, in PyTorch %d", name, len(parameters), len(r.Tensors))
		}
		for i, p := range parameters {
			if got, want := fmt.Sprint(p.Name, p.Shape), fmt.Sprint(r.Tensors[i][0], r.Tensors[i][1]); got != want {
				t.Errorf("%s: tensor %d is %s, in PyTorch %s", name, i, got, want)
			}
		}
	}
}

func TestSummaryGivesTheShapesOfVersion2(t *testing.T) {
	s, err := CNNv2().Summary()
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, l := range s.Layers {
		if l.Kind == "Conv2d" || l.Kind == "MaxPool2d" {
			sizes = append(sizes, l.OutputShape[1])
		}
	}
	if want := []int{30, 15, 17, 8, 8, 4}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("sizes %v, want %v", sizes, want)
	}
	if text := s.String(); !strings.Contains(text, "113,610") || !strings.Contains(text, "conv3.0") {
		t.Errorf("the table reads\n%s", text)
	}
}

func TestModelsThatDoNotFitNameTheLayer(t *testing.T) {
	out := Named("out", Linear(ImagePixels, NumClasses))
	for _, c := range []struct {
		model *Model
		says  string
	}{
		{NewModel("m", Flatten(), Named("out", Linear(100, 10))), "layer out"},
		{NewModel("m", Flatten(), Named("out", Linear(784, 9))), "one logit for each class"},
		{NewModel("m", Flatten(), out, out), `"out"`},
		{NewModel("m", Flatten(), Named("a.b", Linear(784, 10))), "dot"},
		{NewModel("m", Block("empty"), Flatten(), out), "no layers"},
		{NewModel("m", nil, Flatten(), out), "nil"},
		{NewModel("m", Conv2D(3, 4, 3), Flatten(), out), "input with 1 channels, want 3"},
		{NewModel("m", Conv2D(1, 4, 31), Flatten(), out), "larger than the padded"},
		{NewModel("m", Conv2D(1, 4, 3, Groups(2)), Flatten(), out), "2 groups, want a divisor"},
		{NewModel("m", Conv2D(1, 4, 3, Stride(0)), Flatten(), out), "at least 1"},
		{NewModel("m", Conv2D(1, 4, 3, Padding(-1)), Flatten(), out), "padding -1, want 0 or more"},
		{NewModel("m", Conv2D(1, 4, 3, Padding(28), PaddingMode("reflect")), Flatten(), out), "for mode reflect"},
		{NewModel("m", Conv2D(1, 4, 3, PaddingMode("mirror")), Flatten(), out), "mirror"},
		{NewModel("m", BatchNorm2D(2), Flatten(), out), "input with 1 channels, want 2"},
		{NewModel("m", BatchNorm1D(1), Flatten(), out), "axes besides the batch"},
		{NewModel("m", MaxPool2D(29), Flatten(), out), "want at least 29×29"},
		{NewModel("m", MaxPool2D(0), Flatten(), out), "at least 1"},
		{NewModel("m", Flatten(), Dropout(1), out), "0 ≤ p < 1"},
		{NewModel("m", Flatten(), Dropout(math.NaN()), out), "0 ≤ p < 1"},
		{NewModel("m", Flatten(), GraphLayer{Name: "mine"}, out), "no Graph function"},
	} {
		if _, err := c.model.Init(1); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v\nerror %v, want one with %q", c.model, err, c.says)
		}
	}
}

func TestFirstWeightsFollowPyTorchsDistribution(t *testing.T) {
	net, err := CNNv3().Init(7)
	if err != nil {
		t.Fatal(err)
	}
	// nn.Linear and nn.Conv2d draw from U(-b, b), b = 1/√fan_in: variance b²/3.
	for name, fanIn := range map[string]float64{"conv2.0.weight": 32 * 9, "fc_block.0.weight": 2048, "conv3.0.weight": 64 * 9} {
		w, _ := net.Weights.Get(name)
		bound := 1 / math.Sqrt(fanIn)
		sum, squares := 0.0, 0.0
		for _, v := range w.Data {
			if math.Abs(float64(v)) > bound {
				t.Fatalf("%s: %v lies beyond ±%v", name, v, bound)
			}
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		n := float64(w.Len())
		if mean := sum / n; math.Abs(mean) > 5*bound/math.Sqrt(3*n) {
			t.Errorf("%s: mean %v", name, mean)
		}
		// The variance of the mean of squares of U(-b, b) is 4b⁴/45n.
		if variance := squares / n; math.Abs(variance-bound*bound/3) > 5*bound*bound*math.Sqrt(4/(45*n)) {
			t.Errorf("%s: variance %v, want %v", name, variance, bound*bound/3)
		}
	}
	again, err := CNNv3().Init(7)
	if err != nil {
		t.Fatal(err)
	}
	other, err := CNNv3().Init(8)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := net.Weights.Get("fc_block.4.bias")
	same, _ := again.Weights.Get("fc_block.4.bias")
	different, _ := other.Weights.Get("fc_block.4.bias")
	if !reflect.DeepEqual(first.Data, same.Data) {
		t.Error("the same seed gave other weights")
	}
	if reflect.DeepEqual(first.Data, different.Data) {
		t.Error("another seed gave the same weights")
	}
}

func TestWithDropoutReplacesEveryRate(t *testing.T) {
	model, err := CNNv3().WithDropout(0.1)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(model.String(), "Dropout(p=0.1,"); n != 4 {
		t.Errorf("%d layers have the new rate, want 4:\n%v", n, model)
	}
	if strings.Count(CNNv3().String(), "Dropout(p=0.25,") != 3 {
		t.Error("the model of the library was changed")
	}
	for _, p := range []float64{-0.1, 1, math.NaN()} {
		if _, err := CNNv3().WithDropout(p); err == nil {
			t.Errorf("rate %v was accepted", p)
		}
	}
}
