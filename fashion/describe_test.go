package fashion

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestADescribedModelIsTheModel(t *testing.T) {
	models := []*Model{smallCNN(), NewModel("every option",
		Named("数据", Conv2D(1, 4, 3, Padding(1), Stride(2), PaddingMode("reflect"), NoBias())),
		Block("b", Conv2D(4, 8, 3, Dilation(2), Groups(2), PaddingMode("circular")), BatchNorm2D(8), ReLU(), Print("after <ReLU>"), MaxPool2D(2)),
		Flatten(), Linear(200, 12), BatchNorm1D(12), Dropout(1.0/3), Linear(12, 10),
	)}
	for _, name := range ModelNames() {
		m, err := ModelByName(name)
		if err != nil {
			t.Fatal(err)
		}
		models = append(models, m)
	}
	for _, m := range models {
		again, err := describedModel(m.describe())
		if err != nil {
			t.Fatalf("%s: %v", m.Name(), err)
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%v became %v", m, again)
		}
	}
}

func TestAModelWithAGraphLayerHasNoDescription(t *testing.T) {
	own := NewModel("own", Flatten(), GraphLayer{Name: "mine"}, Linear(784, 10))
	if text := own.describe(); text != nil {
		t.Errorf("a graph function was described as %s", text)
	}
	for text, says := range map[string]string{
		`{"name":"m","parts":[{"name":"0","layers":[{"kind":"LSTM"}]}]}`:                    `"LSTM"`,
		`{"name":"m","parts":[{"name":"0","layers":[{"kind":"Linear","in":-1,"out":10}]}]}`: "m",
		`{"name":"m","parts":[{"name":"0","layers":[{"kind":"Conv2d","in":1,"out":10}]}]}`:  "m",
		`{"name":"m","parts":[{"name":"0","layers":[{"kind":"MaxPool2d"}]},{"name":"0"}]}`:  "m",
		`{"name":"m","parts":"all"}`: "description",
		`null`:                       "model",
	} {
		if m, err := describedModel([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s became %v, error %v; want one with %s", text, m, err, says)
		}
	}
}

// A model whose layers do not fit together has a description, too; the check reports the fault.
func TestAModelThatDoesNotFitIsDescribedAsItIs(t *testing.T) {
	for _, m := range []*Model{
		NewModel("wrong", Conv2D(3, 16, 5, Stride(0), PaddingMode("mirror")), MaxPool2D(-2), Linear(-1, 7), Dropout(2)),
		NewModel("empty block", Block("b")),
		NewModel(""),
	} {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again := &Model{}
		if err := json.Unmarshal(text, again); err != nil || !reflect.DeepEqual(m, again) {
			t.Errorf("%v became %v, error %v", m, again, err)
		}
	}
	for says, m := range map[string]*Model{
		"layer 2: mine(…) has a graph function": NewModel("own", Flatten(), GraphLayer{Name: "mine"}, Linear(784, 10)),
		"layer 1: Dropout(p=NaN":                NewModel("nan", Dropout(math.NaN())),
	} {
		if text, err := m.MarshalJSON(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v became %s, error %v; want one with %s", m, text, err, says)
		}
	}
}

func TestInvalidDescriptionsAreRefused(t *testing.T) {
	layer := func(l string) string { return `{"name":"m","parts":[{"name":"0","layers":[` + l + `]}]}` }
	many := strings.Repeat(`{"kind":"ReLU"},`, maxLayers)
	for says, text := range map[string]string{
		"want at most 1048576":          layer(`{"kind":"ReLU"}`) + strings.Repeat(" ", maxDescription),
		"1001 layers":                   `{"name":"m","parts":[{"name":"0","block":true,"layers":[` + many + `{"kind":"ReLU"}]}]}`,
		"0 layers":                      `{"name":"m","parts":[{"name":"0"}]}`,
		"2 layers":                      layer(`{"kind":"ReLU"},{"kind":"ReLU"}`),
		"a setting of 1048577":          layer(`{"kind":"MaxPool2d","kernel":1048577}`),
		"a setting of -1048577":         layer(`{"kind":"Conv2d","in":1,"out":1,"kernel":1,"padding":-1048577}`),
		"cannot unmarshal":              layer(`{"kind":"Linear","in":99999999999999999999,"out":1}`),
		"1099512676352 parameters":      layer(`{"kind":"Linear","in":1048576,"out":1048576}`),
		`unknown field "weights"`:       layer(`{"kind":"ReLU","weights":[1]}`),
		"text follows the JSON object":  layer(`{"kind":"ReLU"}`) + "{}",
		"a text of 201 bytes":           layer(`{"kind":"Print","title":"` + strings.Repeat("a", 201) + `"}`),
		"a name of 201 bytes, 1 layers": `{"name":"` + strings.Repeat("m", 201) + `","parts":[{"name":"0","layers":[{"kind":"ReLU"}]}]}`,
		"unexpected EOF":                layer(`{"kind":"ReLU"}`)[:40],
	} {
		before := smallCNN()
		if err := before.UnmarshalJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.100s: error %v; want one with %s", text, err, says)
		}
		if !reflect.DeepEqual(before, smallCNN()) {
			t.Errorf("%.100s changed the model", text)
		}
	}
}

// The largest sizes in a description do not overflow when the model's shapes are computed.
func TestOutputsThatCannotBeComputedAreRefused(t *testing.T) {
	wide := Conv2D(1, 1, 1, Padding(maxSetting))
	for _, parts := range [][]Part{{wide}, {Conv2D(1, maxSetting, 1)}, {wide, wide, wide, wide}} {
		if _, err := NewModel("m", append(parts, Flatten(), Linear(1, 10))...).Summary(); err == nil || !strings.Contains(err.Error(), "want at most 268435456") {
			t.Errorf("error %v", err)
		}
	}
}

// Any input is either an error or a model that is equal after writing and reading it again,
// and whose methods do not panic.
func FuzzModelDescription(f *testing.F) {
	for _, name := range ModelNames() {
		m, err := ModelByName(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(m.describe()))
	}
	f.Add([]byte(`{"name":"m","parts":[{"name":"0","layers":[{"kind":"Conv2d","in":1,"out":-3,"kernel":9,"groups":-1,"padding_mode":"x"}]}]}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := &Model{}
		if err := m.UnmarshalJSON(text); err != nil {
			return
		}
		again := &Model{}
		if err := again.UnmarshalJSON(m.describe()); err != nil || again.String() != m.String() {
			t.Errorf("%v became %v, error %v", m, again, err)
		}
		summary, err := m.Summary()
		if err != nil {
			return
		}
		if summary.Parameters < 0 || summary.Parameters > maxValues {
			t.Errorf("%d parameters", summary.Parameters)
		}
		for _, l := range summary.Layers {
			if n := sizeOf(l.OutputShape); n < 1 || n > maxValues {
				t.Errorf("%s gives %v", l.Name, l.OutputShape)
			}
		}
	})
}

func TestARunWithAGraphLayerExplainsHowToOpenIt(t *testing.T) {
	run := &Run{Dir: "runs/own", Config: RunConfig{Model: "own"}, weights: new(Weights)}
	if _, err := run.Network(nil); err == nil || !strings.Contains(err.Error(), "the program which trained it") {
		t.Errorf("error %v", err)
	}
}
