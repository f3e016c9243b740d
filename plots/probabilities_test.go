package plots

import (
	"math"
	"strings"
	"testing"
)

var testNames = []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}

func TestProbabilitiesOfARightPredictionLookAsBefore(t *testing.T) {
	figure, err := Probabilities("Test image 0", garment(2), testNames, []float64{0, 0, 0, 0, 0, .02, 0, .05, .01, .92}, 9)
	checkGolden(t, "probabilities_right", figure, err)
}

func TestProbabilitiesOfAWrongPredictionLookAsBefore(t *testing.T) {
	figure, err := Probabilities("Test image 1", garment(0), testNames, []float64{.30, 0, .05, .01, .02, 0, .62, 0, 0, 0}, 0)
	checkGolden(t, "probabilities_wrong", figure, err)
	if text := figure.String(); !strings.Contains(text, "62.0 %  predicted, wrong") || !strings.Contains(text, "30.0 %  true") {
		t.Errorf("the text alternative does not say what is predicted and true:\n%s", text)
	}
}

func TestProbabilitiesWithoutATrueClassLookAsBefore(t *testing.T) {
	figure, err := Probabilities("A picture of my own", garment(0), testNames, []float64{.82, 0, 0, 0, 0, 0, .18, 0, 0, 0}, -1)
	checkGolden(t, "probabilities_unknown", figure, err)
}

func TestProbabilitiesRejectsInvalidArguments(t *testing.T) {
	two := []string{"a", "b"}
	for what, f := range map[string]func() (*Figure, error){
		"no image":           func() (*Figure, error) { return Probabilities("", nil, two, []float64{.5, .5}, 0) },
		"no probabilities":   func() (*Figure, error) { return Probabilities("", garment(0), two, nil, 0) },
		"too few names":      func() (*Figure, error) { return Probabilities("", garment(0), two[:1], []float64{.5, .5}, 0) },
		"logits":             func() (*Figure, error) { return Probabilities("", garment(0), two, []float64{2, -1}, 0) },
		"a sum other than 1": func() (*Figure, error) { return Probabilities("", garment(0), two, []float64{.5, .4}, 0) },
		"NaN":                func() (*Figure, error) { return Probabilities("", garment(0), two, []float64{math.NaN(), 1}, 0) },
		"a class too many":   func() (*Figure, error) { return Probabilities("", garment(0), two, []float64{.5, .5}, 2) },
	} {
		figure, err := f()
		wantError(t, what, figure, err, nil)
	}
}
