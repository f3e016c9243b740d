package answers

import (
	"fmt"
	"math"
	"slices"

	"fashionlab/fashion"
	"fashionlab/lessons"
)

// wanted are the models that exercises ask for. They differ from those of the homework in their
// numbers of channels, since the library holds those.
var wanted = map[string]func() *fashion.Model{
	"Baseline": baseline,
}

func baseline() *fashion.Model {
	block := func(name string, in, out int) fashion.Part {
		return fashion.Block(name, fashion.Conv2D(in, out, 5, fashion.Padding(2)), fashion.ReLU(), fashion.MaxPool2D(2))
	}
	return fashion.NewModel("baseline", block("conv1", 1, 12), block("conv2", 12, 24),
		fashion.Flatten(), fashion.Named("out", fashion.Linear(24*7*7, 10)))
}

// Models returns the tables of the models as the files in lessons/models, by their names.
func Models() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, model := range wanted {
		content, err := lessons.EncodeModel(model())
		if err != nil {
			return nil, fmt.Errorf("the model %s: %w", name, err)
		}
		files[name+".json"] = content
	}
	return files, nil
}

// CheckBaselineFurther checks that the model computes what the baseline does.
func CheckBaselineFurther(f func() *fashion.Model) error {
	return checkOutputs("Baseline", f)
}

// checkOutputs compares a student's model with the wanted one.
func checkOutputs(name string, f func() *fashion.Model) error {
	return checkOutputsOf(name, f, wanted[name](), func(f func() *fashion.Model) error { return lessons.CheckModel(name, f) })
}

// checkOutputsOf compares what a student's model, whose structure passes a check, computes with what
// the wanted one does with the same weights, in evaluation and in training mode.
func checkOutputsOf(name string, f func() *fashion.Model, wanted *fashion.Model, check func(func() *fashion.Model) error) error {
	// f may give another model when it is called again.
	var model *fashion.Model
	if err := check(func() *fashion.Model { model = f(); return model }); err != nil {
		return err
	}
	reference, err := wanted.Init(1)
	if err != nil {
		return err
	}
	network, err := model.WithWeights(reference.Weights)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	data, err := fashion.Synthetic(1, 10, 10)
	if err != nil {
		return err
	}
	loader, err := fashion.NewLoader(data.Test.All(), 10)
	if err != nil {
		return err
	}
	for _, mode := range []struct {
		name    string
		forward func(*fashion.Network) (*fashion.ForwardResult, error)
	}{
		{"evaluation mode", func(n *fashion.Network) (*fashion.ForwardResult, error) { return n.Forward(loader.First(), nil) }},
		{"training mode", func(n *fashion.Network) (*fashion.ForwardResult, error) {
			return n.ForwardInTraining(loader.First(), 1)
		}},
	} {
		got, err := mode.forward(network)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		expected, err := mode.forward(reference)
		if err != nil {
			return err
		}
		if !slices.EqualFunc(got.Logits.Data, expected.Logits.Data, func(a, b float32) bool {
			// The same operations in the same order, up to fused ones.
			return math.Abs(float64(a-b)) <= 1e-3*max(1, math.Abs(float64(b)))
		}) {
			return fmt.Errorf("%s gives other logits than the model of the exercise with the same weights, in %s", name, mode.name)
		}
	}
	return nil
}
