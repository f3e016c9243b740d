package lessons

import (
	"embed"
	"encoding/json"
	"fmt"

	"fashionlab/fashion"
)

// A ModelTable is what a student's model is compared with: each layer with what comes out of it. How
// a layer gets there, such as its padding, is for the student to find.
type ModelTable struct {
	Generated string       `json:"generated"`
	Layers    []ModelLayer `json:"layers"`
}

// A ModelLayer is a layer of a ModelTable.
type ModelLayer struct {
	Name       string `json:"name"` // with the name of its block
	Kind       string `json:"kind"`
	Output     []int  `json:"output"`
	Parameters int    `json:"parameters"`
	Kernel     int    `json:"kernel,omitempty"` // the size of a kernel, or of a window
}

//go:embed models
var models embed.FS

// checkModel is a visible check.
func checkModel(name string, f func() *fashion.Model) error {
	return passed.note(CheckModel(name, f), "%s: each layer is right", name)
}

// CheckModel compares a student's model with the table of that name.
func CheckModel(name string, f func() *fashion.Model) error {
	t, err := modelTable(name)
	if err != nil {
		return err
	}
	return t.check(name, f)
}

func modelTable(name string) (t ModelTable, err error) {
	content, err := models.ReadFile("models/" + name + ".json")
	if err != nil {
		return t, fmt.Errorf("the table of the check is missing: %w", err)
	}
	if err := json.Unmarshal(content, &t); err != nil {
		return t, fmt.Errorf("the table %s.json cannot be read: %w", name, err)
	}
	return t, nil
}

// EncodeModel returns the table of a model as its file.
func EncodeModel(model *fashion.Model) ([]byte, error) {
	summary, err := model.Summary()
	if err != nil {
		return nil, err
	}
	t := ModelTable{Generated: generated}
	for i, line := range layerLines(model) {
		l := ModelLayer{Name: line.path, Kind: line.kind(), Output: summary.Layers[i].OutputShape, Parameters: summary.Layers[i].Parameters}
		if l.Kind == "Conv2d" || l.Kind == "MaxPool2d" {
			l.Kernel = number(line.text, "kernel_size=", 0)
		}
		t.Layers = append(t.Layers, l)
	}
	text, err := json.MarshalIndent(t, "", "\t")
	return append(text, '\n'), err
}

// kinds are the layers' kinds.
func (t ModelTable) kinds() []string {
	var kinds []string
	for _, l := range t.Layers {
		kinds = append(kinds, l.Kind)
	}
	return kinds
}
