package fashion

import (
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

func TestAModelThatCannotBeDescribedIsNot(t *testing.T) {
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

func TestARunWithAGraphLayerSaysWhoKnowsIt(t *testing.T) {
	run := &Run{Dir: "runs/own", Config: RunConfig{Model: "own"}, weights: new(Weights)}
	if _, err := run.Network(nil); err == nil || !strings.Contains(err.Error(), "the program which trained it") {
		t.Errorf("error %v", err)
	}
}
