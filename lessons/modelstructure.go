package lessons

import (
	"encoding/json"
	"fmt"
	"regexp"
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
	"Conv2d":    "it looks at neighbourhoods",
	"ReLU":      "it follows each convolution; two layers with weights with nothing nonlinear between them (neither ReLU nor max pooling) would be no more than one",
	"MaxPool2d": "it halves height and width",
	"Flatten":   "a linear layer takes a list, and Flatten makes one of the channels",
	"Linear":    "it gives the logits",
}

// check compares the structure of the model that a student's function returns with the table.
func (t ModelTable) check(name string, f func() *fashion.Model) error {
	model, err := callModel(name, f)
	if err != nil {
		return err
	}
	return t.compare(name, model)
}

// compare compares a model with the table, layer by layer, and explains the first difference.
func (t ModelTable) compare(name string, model *fashion.Model) error {
	got, expected := layerLines(model), t.Layers
	kinds, expectedKinds := kindsOf(got), t.kinds()
	for i := range max(len(got), len(expected)) {
		switch {
		case i >= len(expected):
			return fmt.Errorf("%s has a layer too many: %s, %s, after the last linear layer, which gives the logits; they may be negative, and the loss applies softmax itself",
				name, got[i].path, got[i].text)
		case i >= len(got):
			return fmt.Errorf("%s ends after %d layers, expected %d: %s is missing; %s",
				name, len(got), len(expected), expectedKinds[i], missingCauses[expectedKinds[i]])
		case kinds[i] != expectedKinds[i]:
			return kindError(name, got, expectedKinds, i)
		}
		if err := t.settingsError(name, got[i], i); err != nil {
			return err
		}
	}
	// All layers are right; the names of those with weights may not be.
	for i := range got {
		if expected[i].Parameters > 0 && got[i].path != expected[i].Name {
			return fmt.Errorf("%s: the layer %s is called %q, expected %q: weights are found by these names, so use Block and Named as the exercise says",
				name, got[i].text, got[i].path, expected[i].Name)
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
func kindError(name string, got []layerLine, wantKinds []string, i int) error {
	kinds := kindsOf(got)
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

// input is the shape that arrives at a layer of the table.
func (t ModelTable) input(i int) []int {
	if i == 0 {
		return []int{1, fashion.ImageHeight, fashion.ImageWidth}
	}
	return t.Layers[i-1].Output
}

// settingsError explains why a layer of the right kind is not the one that is wanted; nil means
// that it is.
func (t ModelTable) settingsError(name string, got layerLine, i int) error {
	want, input := t.Layers[i], t.input(i)
	begin := fmt.Sprintf("%s: %s is %s", name, got.path, got.text)
	switch got.kind() {
	case "Conv2d":
		return convolutionError(begin, got.text, want, input)
	case "Linear":
		arrive := 1
		for _, n := range input {
			arrive *= n
		}
		if number(got.text, "in_features=", 0) != arrive {
			return fmt.Errorf("%s, but %d values arrive: %s", begin, arrive, t.arriving(i))
		}
		if number(got.text, "out_features=", 0) != want.Output[0] {
			return fmt.Errorf("%s, expected %d values to come out", begin, want.Output[0])
		}
	case "MaxPool2d":
		if got.text != fashion.MaxPool2D(want.Kernel).String() {
			return fmt.Errorf("%s, expected windows of %d×%d", begin, want.Kernel, want.Kernel)
		}
	}
	return nil
}

// arriving says where the values that a linear layer takes come from.
func (t ModelTable) arriving(i int) string {
	for k := i - 1; k >= 0; k-- {
		if shape := t.Layers[k].Output; len(shape) == 3 {
			if k < i-2 { // there is a hidden layer between
				break
			}
			return fmt.Sprintf("%d channels of %d×%d", shape[0], shape[1], shape[2])
		}
	}
	return "the layer before gives that many"
}

// convolutionError explains the settings of a convolution, sizes first.
func convolutionError(begin, got string, want ModelLayer, input []int) error {
	kernel := number(got, "kernel_size=", 0)
	in, out := number(got, "Conv2d(", 0), number(got[strings.Index(got, ","):], ",", 0)
	padding, stride := number(got, " padding=", 0), number(got, "stride=", 1)
	switch {
	case in != input[0]:
		return fmt.Errorf("%s, but %d channels arrive: the first number is how many come in", begin, input[0])
	case out != want.Output[0]:
		return fmt.Errorf("%s, expected %d channels to come out: the second number", begin, want.Output[0])
	case kernel != want.Kernel:
		return fmt.Errorf("%s, expected a kernel of %d×%d", begin, want.Kernel, want.Kernel)
	case strings.Contains(got, "bias=False"):
		return fmt.Errorf("%s, without a bias for each output channel; leave NoBias out", begin)
	}
	layer := fashion.Conv2D(in, out, kernel, fashion.Padding(padding), fashion.Stride(stride))
	if layer.String() != got {
		return fmt.Errorf("%s; of its options only the padding matters here", begin)
	}
	if shape, err := layer.OutputShape(input); err != nil {
		return fmt.Errorf("%s, to which images of %d×%d come: %w", begin, input[1], input[2], err)
	} else if size := shape[1]; size != want.Output[1] {
		return fmt.Errorf("%s, which makes %d×%d of %d×%d, expected %d×%d: look at padding (%d) and stride (%d)",
			begin, size, size, input[1], input[2], want.Output[1], want.Output[1], padding, stride)
	}
	return nil
}
