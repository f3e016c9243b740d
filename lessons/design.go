package lessons

import (
	"fmt"
	"slices"
	"strings"

	"fashionlab/fashion"
)

// What a design of the student's own may cost, and what it must reach after an epoch on few images. It must
// beat the homework's baseline for less: that has 28,938 parameters and 2.8 million multiplications, and reached
// 0.748 to 0.783 with six seeds.
const (
	DesignParameters      = 28_000
	DesignMultiplications = 2_500_000
	DesignAccuracy        = 0.79
	// DesignValues is how many values all layers together give for an image: the memory of a training. The
	// homework's models have up to 200,000.
	DesignValues = 500_000
	// DesignConvolutions is how many it has at least. None of the course's models within this budget has
	// so many.
	DesignConvolutions = 3
)

// How designs are trained when they are checked.
const (
	designImages     = 6000
	designValidation = 2000
	designBatch      = 100
	designRate       = 0.002
)

// CheckDesign checks that a model of the student's own fits together, is none of the
// homework's, has convolutions with something nonlinear between them, ends
// with logits, and keeps within its budget.
func CheckDesign(f func() *fashion.Model) error {
	model, err := callModel("Design", f)
	if err != nil {
		return err
	}
	return passed.note(checkDesign(model), "Design: it fits together and keeps within its budget")
}

func checkDesign(model *fashion.Model) error {
	summary, err := model.Summary()
	if err != nil {
		return fmt.Errorf("Design does not fit together: %w; each layer must take what the one before it gives", err)
	}
	lines := layerLines(model)
	kinds := kindsOf(lines)
	for _, name := range fashion.ModelNames() {
		known, err := fashion.ModelByName(name)
		if err != nil {
			return err // a mistake in this package
		}
		if slices.EqualFunc(lines, layerLines(known), func(a, b layerLine) bool { return a.text == b.text }) {
			return fmt.Errorf("Design has the same layers as %s, a model of the homework; change at least one layer or its settings", name)
		}
	}
	if slices.Contains(kinds, "Print") {
		return fmt.Errorf("Design has a Print layer, which is for looking only; take it out")
	}
	convolutions := 0
	for _, kind := range kinds {
		if kind == "Conv2d" {
			convolutions++
		}
	}
	switch {
	case convolutions == 0:
		return fmt.Errorf("Design has no convolution: without one it does not know which pixels are neighbours")
	case convolutions < DesignConvolutions:
		return fmt.Errorf("Design has too few convolutions, %d, expected at least %d: small ones, one after the other, see as far as a large one", convolutions, DesignConvolutions)
	}
	if last := kinds[len(kinds)-1]; last != "Linear" && last != "Conv2d" && last != "Flatten" {
		return fmt.Errorf("Design ends with %s: logits come from a linear layer and go to the loss as they are, since they may be negative and none should be missing", last)
	}
	if err := checkNonlinear(lines); err != nil {
		return err
	}
	if summary.Parameters > DesignParameters {
		largest := slices.MaxFunc(summary.Layers, func(a, b fashion.LayerSummary) int { return a.Parameters - b.Parameters })
		return fmt.Errorf("Design has %d parameters, and may have %d; most of them, %d, are in %s (%s): fewer channels, or pooling before a linear layer, would help",
			summary.Parameters, DesignParameters, largest.Parameters, largest.Name, largest.Kind)
	}
	if n := values(summary); n > DesignValues {
		return fmt.Errorf("Design keeps %d values for an image, of all layers together, and may keep %d: its training would take too much memory; pool earlier, or take fewer channels or less padding",
			n, DesignValues)
	}
	if n := multiplications(model, summary); n > DesignMultiplications {
		return fmt.Errorf("Design takes %.1f million multiplications for an image, and may take %.1f: pool earlier, so that the layers with many channels see small images",
			float64(n)/1e6, DesignMultiplications/1e6)
	}
	return nil
}

// checkNonlinear looks for two layers of weights with nothing nonlinear between.
func checkNonlinear(lines []layerLine) error {
	previous := ""
	for _, l := range lines {
		switch l.kind() {
		case "Conv2d", "Linear":
			if previous != "" {
				return fmt.Errorf("Design has %s and %s with nothing nonlinear between them: together they are no more than one linear layer, so put a ReLU there", previous, l.path)
			}
			previous = l.path
		case "Flatten", "Dropout", "BatchNorm2d", "BatchNorm1d":
		default: // ReLU or max pooling
			previous = ""
		}
	}
	return nil
}

// values counts those that the layers give for one image. Each layer's are limited by Summary.
func values(summary *fashion.Summary) int {
	sum := 0
	for _, l := range summary.Layers {
		n := 1
		for _, size := range l.OutputShape {
			n *= size
		}
		sum += n
	}
	return sum
}

// multiplications counts those of the convolutions and linear layers for one image.
func multiplications(model *fashion.Model, summary *fashion.Summary) int {
	places := map[string]int{}
	for _, l := range summary.Layers {
		places[l.Name] = 1
		if len(l.OutputShape) == 3 {
			places[l.Name] = l.OutputShape[1] * l.OutputShape[2]
		}
	}
	sum := 0
	for _, p := range model.Parameters() {
		if len(p.Shape) < 2 { // biases, and what batch norm learns
			continue
		}
		size := 1
		for _, n := range p.Shape {
			size *= n
		}
		sum += size * places[p.Name[:strings.LastIndex(p.Name, ".")]]
	}
	return sum
}

// CheckDesignLearns trains a model of the student's own for an epoch on 6,000
// images and checks its accuracy on 2,000 validation images.
func CheckDesignLearns(f func() *fashion.Model) error {
	return passed.note(CheckDesignLearnsWith(f, 1), "Design: it learns fast enough")
}

// CheckDesignLearnsWith does so with the images and first weights of a seed.
func CheckDesignLearnsWith(f func() *fashion.Model, seed uint64) error {
	model, err := callModel("Design", f)
	if err != nil {
		return err
	}
	// The model that keeps within the budget is the one that is trained: f may give another
	// when it is called again.
	if err := checkDesign(model); err != nil {
		return err
	}
	data, err := fashion.Load()
	if err != nil {
		return err
	}
	return trainDesign(model, data, seed)
}

// trainDesign trains the model for an epoch and judges what it reaches.
func trainDesign(model *fashion.Model, data *fashion.Data, seed uint64) error {
	rest := data.Train.Len() - designImages
	train, validation, err := fashion.RandomSplit(data.Train, seed, designImages, rest)
	if err != nil {
		return err
	}
	validation.Indices = validation.Indices[:designValidation]
	learn, err := fashion.NewLoader(train, designBatch, fashion.Shuffle(seed))
	if err != nil {
		return err
	}
	hold, err := fashion.NewLoader(validation, 500)
	if err != nil {
		return err
	}
	net, err := model.Init(seed)
	if err != nil {
		return fmt.Errorf("Design: %w", err)
	}
	if _, err := net.Fit(learn, fashion.Training{Epochs: 1, Optimizer: fashion.Adam(designRate), Seed: seed}); err != nil {
		return fmt.Errorf("Design cannot be trained with Adam(%v): %w", designRate, err)
	}
	result, err := net.Evaluate(hold)
	if err != nil {
		return fmt.Errorf("Design: %w", err)
	}
	switch {
	case result.Accuracy >= DesignAccuracy:
		return nil
	case result.Accuracy < 0.2:
		return fmt.Errorf("Design learns nothing: after an epoch on %d images its accuracy is %.3f, and guessing gives 0.1. Probably too little reaches the last layer: a dropout rate near 1 sets nearly all values to 0, and a ReLU after the last linear layer can set all logits to 0",
			designImages, result.Accuracy)
	default:
		return fmt.Errorf("Design reaches an accuracy of %.3f after an epoch on %d images, expected at least %v, which is more than the baseline reaches: it learns too slowly; batch norm helps, less dropout, or more channels in later layers",
			result.Accuracy, designImages, DesignAccuracy)
	}
}
