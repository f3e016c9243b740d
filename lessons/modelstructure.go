package lessons

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fashionlab/fashion"
)

// A layerLine is one layer of a model as its String prints it.
type layerLine struct {
	path string // such as "conv1.0"
	text string // such as "ReLU()"
}

// kind is the layer's name without its settings.
func (l layerLine) kind() string {
	kind, _, _ := strings.Cut(l.text, "(")
	return kind
}

var (
	blockPattern = regexp.MustCompile(`^  \((.*)\): Sequential\($`)
	layerPattern = regexp.MustCompile(`^(    |  )\(([^)]*)\): (.*)$`)
)

// layerLines takes the printed structure of a model apart.
func layerLines(model *fashion.Model) []layerLine {
	var lines []layerLine
	block := ""
	for line := range strings.SplitSeq(model.String(), "\n") {
		if m := blockPattern.FindStringSubmatch(line); m != nil {
			block = m[1] + "."
		} else if m := layerPattern.FindStringSubmatch(line); m != nil {
			if m[1] == "  " {
				block = ""
			}
			lines = append(lines, layerLine{block + m[2], m[3]})
		}
	}
	return lines
}

// missingCauses says what each kind of layer is there for.
var missingCauses = map[string]string{
	"Conv2d":      "it is what looks at neighbourhoods",
	"ReLU":        "with nothing nonlinear between them, two layers with weights are together no more than one linear layer",
	"MaxPool2d":   "it halves height and width",
	"BatchNorm2d": "it comes right after the convolution and normalises each of its channels",
	"BatchNorm1d": "it normalises each of the hidden units, as BatchNorm2D does with channels",
	"Dropout":     "it sets some of the values to zero while the model learns",
	"Flatten":     "a linear layer takes a list, and Flatten makes one of the channels",
	"Linear":      "it is what gives the logits, or a hidden layer before them",
}

// checkModel compares the structure of the model that a student's function returns with
// the one that is wanted.
func checkModel(name string, f func() *fashion.Model, want *fashion.Model) error {
	model, err := callModel(name, f)
	if err != nil {
		return err
	}
	return passed.note(checkStructure(name, model, want), "%s: each layer is right", name)
}

// checkStructure compares a model with the one that is wanted, layer by layer, and explains
// the first difference.
func checkStructure(name string, model, want *fashion.Model) error {
	got, expected := layerLines(model), layerLines(want)
	summary, err := want.Summary()
	if err != nil {
		return err // a mistake in this package
	}
	kinds, expectedKinds := kindsOf(got), kindsOf(expected)
	for i := range max(len(got), len(expected)) {
		switch {
		case i >= len(expected):
			return fmt.Errorf("%s has a layer too many: %s, %s, after the last linear layer, which gives the logits; they may be negative, and the loss applies softmax itself",
				name, got[i].path, got[i].text)
		case i >= len(got):
			return fmt.Errorf("%s ends after %d layers, expected %d: %s is missing; %s",
				name, len(got), len(expected), expected[i].kind(), missingCauses[expectedKinds[i]])
		case kinds[i] != expectedKinds[i]:
			return kindError(name, got, expected, i)
		case got[i].text != expected[i].text:
			return settingsError(name, got[i], expected[i], summary, i)
		}
	}
	// All layers are right; the names of those with weights may not be.
	for i := range got {
		if summary.Layers[i].Parameters > 0 && got[i].path != expected[i].path {
			return fmt.Errorf("%s: the layer %s is called %q, expected %q: weights are found by these names, so use Block and Named as the exercise says",
				name, got[i].text, got[i].path, expected[i].path)
		}
	}
	// What remains are names that Summary refuses.
	if _, err := model.Summary(); err != nil {
		return fmt.Errorf("%s does not fit together: %w", name, err)
	}
	return nil
}

// callModel calls a student's function that describes a model.
func callModel(name string, f func() *fashion.Model) (*fashion.Model, error) {
	var model *fashion.Model
	if err := callOf(name).run(func() { model = f() }); err != nil {
		return nil, err
	}
	if model == nil {
		return nil, fmt.Errorf("%s() is nil: return what fashion.NewModel gives", name)
	}
	// Where it is graded the description of the model comes from another process. Where
	// it is tried it must not be more than that.
	text, err := model.MarshalJSON()
	if err != nil {
		return nil, callOf(name).failf("cannot be checked: its result: %v", err)
	}
	var described struct {
		Name  string
		Parts []struct{ Name string }
	}
	if err := json.Unmarshal(text, &described); err != nil {
		return nil, err
	}
	names := []string{described.Name}
	for _, part := range described.Parts {
		names = append(names, part.Name)
	}
	for _, n := range names {
		// layerLines finds layers by the brackets around their names.
		if strings.ContainsFunc(n, func(r rune) bool { return r == '(' || r == ')' || unicode.IsControl(r) }) {
			return nil, fmt.Errorf("%s: the name %q has a character that names do not have; take letters, digits and _", name, n)
		}
	}
	return model, nil
}

func kindsOf(lines []layerLine) []string {
	var kinds []string
	for _, l := range lines {
		kinds = append(kinds, l.kind())
	}
	return kinds
}

// kindError explains that the layer at a place is of another kind.
func kindError(name string, got, want []layerLine, i int) error {
	kinds, wantKinds := kindsOf(got), kindsOf(want)
	place := "at the beginning"
	if i > 0 {
		place = fmt.Sprintf("after %s, %s,", got[i-1].path, kinds[i-1])
	}
	following := func(kinds []string, i int) string {
		if i+1 < len(kinds) {
			return kinds[i+1]
		}
		return ""
	}
	switch {
	case kinds[i] == following(wantKinds, i) && wantKinds[i] == following(kinds, i):
		return fmt.Errorf("%s: %s come %s and %s, expected them the other way round", name, place, kinds[i], wantKinds[i])
	case kinds[i] == following(wantKinds, i) || len(kinds) < len(wantKinds):
		return fmt.Errorf("%s: %s a %s is missing (there is %s): %s",
			name, place, wantKinds[i], kinds[i], missingCauses[wantKinds[i]])
	case wantKinds[i] == following(kinds, i) || len(kinds) > len(wantKinds):
		return fmt.Errorf("%s: %s comes %s, which does not belong there; expected %s", name, place, got[i].text, wantKinds[i])
	default:
		return fmt.Errorf("%s: %s comes %s, expected %s", name, place, kinds[i], wantKinds[i])
	}
}

// number finds the first whole number behind a label in a layer's text, or
// fallback where there is none.
func number(text, label string, fallback int) int {
	_, rest, found := strings.Cut(text, label)
	if !found {
		return fallback
	}
	digits := regexp.MustCompile(`\d+`).FindString(rest)
	n, err := strconv.Atoi(digits)
	if err != nil {
		return fallback
	}
	return n
}

// settingsError explains that a layer of the right kind is not the one that is wanted.
func settingsError(name string, got, want layerLine, summary *fashion.Summary, i int) error {
	input := []int{1, fashion.ImageHeight, fashion.ImageWidth}
	if i > 0 {
		input = summary.Layers[i-1].OutputShape
	}
	begin := fmt.Sprintf("%s: %s is %s", name, got.path, got.text)
	switch got.kind() {
	case "Conv2d":
		return convolutionError(begin, got.text, want.text, input, summary.Layers[i].OutputShape)
	case "Linear":
		if in, wanted := number(got.text, "in_features=", 0), number(want.text, "in_features=", 0); in != wanted {
			return fmt.Errorf("%s, but %d values arrive: %s", begin, wanted, arriving(summary, i))
		}
		return fmt.Errorf("%s, expected %d values to come out", begin, number(want.text, "out_features=", 0))
	case "BatchNorm2d", "BatchNorm1d":
		return fmt.Errorf("%s, but %d channels or features arrive", begin, input[0])
	case "Dropout":
		return fmt.Errorf("%s, expected a rate of %s", begin, strings.TrimSuffix(strings.TrimPrefix(want.text, "Dropout(p="), ", inplace=False)"))
	case "MaxPool2d":
		return fmt.Errorf("%s, expected windows of %d×%d", begin, number(want.text, "kernel_size=", 0), number(want.text, "kernel_size=", 0))
	default:
		return fmt.Errorf("%s, expected %s", begin, want.text)
	}
}

// arriving says where the values that a linear layer takes come from.
func arriving(summary *fashion.Summary, i int) string {
	for k := i - 1; k >= 0; k-- {
		if shape := summary.Layers[k].OutputShape; len(shape) == 3 {
			if k < i-2 { // there is a hidden layer between
				break
			}
			return fmt.Sprintf("%d channels of %d×%d", shape[0], shape[1], shape[2])
		}
	}
	return "the layer before gives that many"
}

// convolutionError explains the settings of a convolution, sizes first.
func convolutionError(begin, got, want string, input, output []int) error {
	kernel, wantKernel := number(got, "kernel_size=", 0), number(want, "kernel_size=", 0)
	in, out := number(got, "Conv2d(", 0), number(got[strings.Index(got, ","):], ",", 0)
	padding, stride := number(got, " padding=", 0), number(got, "stride=", 1)
	switch {
	case in != input[0]:
		return fmt.Errorf("%s, but %d channels arrive: the first number is how many come in", begin, input[0])
	case out != output[0]:
		return fmt.Errorf("%s, expected %d channels to come out: the second number", begin, output[0])
	case kernel != wantKernel:
		return fmt.Errorf("%s, expected a kernel of %d×%d", begin, wantKernel, wantKernel)
	}
	if size := outputSize(input[1], kernel, padding, stride); size != output[1] {
		return fmt.Errorf("%s, which makes %d×%d of %d×%d, expected %d×%d: look at padding (%d) and stride (%d)",
			begin, size, size, input[1], input[2], output[1], output[2], padding, stride)
	}
	if strings.Contains(got, "bias=False") {
		return fmt.Errorf("%s, without a bias for each output channel; leave NoBias out", begin)
	}
	return fmt.Errorf("%s, expected %s", begin, want)
}

// checkOutputs compares what a student's model computes with what the wanted one
// does with the same weights, in evaluation and in training mode.
func checkOutputs(name string, f func() *fashion.Model, want *fashion.Model) error {
	model, err := callModel(name, f)
	if err != nil {
		return err
	}
	if err := checkStructure(name, model, want); err != nil {
		return err
	}
	reference, err := want.Init(1)
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
			return near(float64(a), float64(b), 1e-3) // the same operations in the same order, up to fused ones
		}) {
			return fmt.Errorf("%s gives other logits than the model of the exercise with the same weights, in %s", name, mode.name)
		}
	}
	return nil
}
