package plots

import (
	"image"
	"math"
	"testing"
)

// tenCounts is a confusion matrix such as a small network has.
func tenCounts() [][]int {
	counts := [][]int{
		{832, 0, 14, 25, 3, 1, 117, 0, 8, 0},
		{2, 971, 0, 19, 3, 0, 3, 0, 2, 0},
		{13, 1, 817, 9, 83, 0, 76, 0, 1, 0},
		{21, 7, 10, 894, 31, 0, 33, 0, 4, 0},
		{0, 1, 69, 27, 834, 0, 68, 0, 1, 0},
		{0, 0, 0, 0, 0, 968, 0, 20, 1, 11},
		{117, 0, 77, 26, 81, 0, 687, 0, 12, 0},
		{0, 0, 0, 0, 0, 14, 0, 963, 0, 23},
		{3, 1, 4, 4, 4, 2, 5, 3, 974, 0},
		{0, 0, 0, 0, 0, 7, 1, 39, 0, 953},
	}
	return counts
}

func TestConfusionLooksAsBefore(t *testing.T) {
	figure, err := Confusion("Which classes a network confuses", testNames, tenCounts())
	checkGolden(t, "confusion", figure, err)
}

func TestConfusionOfAnEmptyClassLooksAsBefore(t *testing.T) {
	figure, err := Confusion("", []string{"cat", "dog", "bird"}, [][]int{{3, 1, 0}, {0, 4, 0}, {0, 0, 0}})
	checkGolden(t, "confusion_small", figure, err)
}

func TestConfusionRejectsInvalidArguments(t *testing.T) {
	two := []string{"a", "b"}
	for what, f := range map[string]func() (*Figure, error){
		"no classes":      func() (*Figure, error) { return Confusion("", nil, nil) },
		"a missing row":   func() (*Figure, error) { return Confusion("", two, [][]int{{1, 2}}) },
		"a short row":     func() (*Figure, error) { return Confusion("", two, [][]int{{1, 2}, {3}}) },
		"a negative":      func() (*Figure, error) { return Confusion("", two, [][]int{{1, 2}, {3, -1}}) },
		"too many":        func() (*Figure, error) { return Confusion("", make([]string, 21), make([][]int, 21)) },
		"nothing counted": func() (*Figure, error) { return Confusion("", two, [][]int{{0, 0}, {0, 0}}) },
	} {
		figure, err := f()
		wantError(t, what, figure, err, nil)
	}
}

func threeClassScores() []ClassScores {
	return []ClassScores{
		{"softmax", []float64{0.78, 0.92, 0.42, 0.76, 0.71, 0.76, 0.31, 0.85, 0.90, 0.91}},
		{"cnn", []float64{0.83, 0.97, 0.82, 0.89, 0.83, 0.97, 0.69, 0.96, 0.97, 0.95}},
		{"cnn_v1", []float64{0.86, 0.98, 0.86, 0.91, 0.86, 0.98, 0.74, 0.97, 0.98, 0.96}},
	}
}

func TestClassesLooksAsBefore(t *testing.T) {
	figure, err := Classes("Accuracy by class", testNames, threeClassScores()...)
	checkGolden(t, "classes", figure, err)
}

func TestClassesRejectsInvalidArguments(t *testing.T) {
	names := []string{"a", "b"}
	for what, scores := range map[string][]ClassScores{
		"no models":            nil,
		"no name":              {{"", []float64{0, 1}}},
		"the same name":        {{"m", []float64{0, 1}}, {"m", []float64{0, 1}}},
		"a missing accuracy":   {{"m", []float64{0}}},
		"NaN":                  {{"m", []float64{0, math.NaN()}}},
		"per cent, not shares": {{"m", []float64{90, 80}}},
	} {
		figure, err := Classes("", names, scores...)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Classes("", nil, ClassScores{"m", nil})
	wantError(t, "no classes", figure, err, errNoValues)
}

// fourAnswers are right, wrong with the true class among the first three, wrong
// with it behind them, and of an unknown class.
func fourAnswers() []Answer {
	return []Answer{
		{garment(2), "test image 0: Ankle boot", []float64{0, 0, 0, 0, 0, 0.002, 0, 0.018, 0, 0.98}, 9},
		{garment(0), "test image 4023: Shirt", []float64{0.71, 0, 0.02, 0.01, 0.01, 0, 0.25, 0, 0, 0}, 6},
		{garment(3), "test image 1530: Trouser", []float64{0.003, 0.0001, 0.002, 0.9, 0.05, 0, 0.02, 0.0049, 0.02, 0}, 1},
		{garment(1), "a picture of my own", []float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, -1},
	}
}

func TestAnswersLooksAsBefore(t *testing.T) {
	figure, err := Answers("What a network says", testNames, fourAnswers()...)
	checkGolden(t, "answers", figure, err)
}

func TestAnswersRejectsInvalidArguments(t *testing.T) {
	good := fourAnswers()[0]
	change := func(f func(*Answer)) []Answer { a := good; f(&a); return []Answer{good, a} }
	for what, answers := range map[string][]Answer{
		"nothing":           nil,
		"no image":          change(func(a *Answer) { a.Image = nil }),
		"another size":      change(func(a *Answer) { a.Image = image.NewGray(image.Rect(0, 0, 8, 8)) }),
		"no probabilities":  change(func(a *Answer) { a.Probabilities = nil }),
		"too few":           change(func(a *Answer) { a.Probabilities = []float64{1} }),
		"logits":            change(func(a *Answer) { a.Probabilities = []float64{3, 2, 1, 0, 0, 0, 0, 0, 0, 0} }),
		"a sum of 0.5":      change(func(a *Answer) { a.Probabilities = []float64{0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0} }),
		"NaN":               change(func(a *Answer) { a.Probabilities = []float64{math.NaN(), 0, 0, 0, 0, 0, 0, 0, 0, 0} }),
		"an unknown class":  change(func(a *Answer) { a.TrueClass = 10 }),
		"more than a score": make([]Answer, 21),
	} {
		figure, err := Answers("", testNames, answers...)
		wantError(t, what, figure, err, nil)
	}
}

func fourPairs() []Pair {
	return []Pair{
		{garment(0), garment(0), "train 1204\nT-shirt/top", "test 77\nT-shirt/top", 0, "", NoMark},
		{garment(2), garment(6), "train 40123\nAnkle boot", "train 51200\nAnkle boot", 2.315, "", NoMark},
		{garment(1), garment(1), "train 9\nTrouser", "test 4000\nDress", 0, "labels differ", Wrong},
		{garment(3), garment(3), "train 12\nBag", "train 13\nBag", 0, "labels agree", Right},
	}
}

func TestPairsLooksAsBefore(t *testing.T) {
	figure, err := Pairs("The same photograph twice", fourPairs()...)
	checkGolden(t, "pairs", figure, err)
}

func TestPairsRejectsInvalidArguments(t *testing.T) {
	good := fourPairs()[0]
	change := func(f func(*Pair)) []Pair { p := good; f(&p); return []Pair{good, p} }
	for what, pairs := range map[string][]Pair{
		"nothing":         nil,
		"no image":        change(func(p *Pair) { p.Second = nil }),
		"another size":    change(func(p *Pair) { p.First = image.NewGray(image.Rect(0, 0, 8, 8)) }),
		"NaN":             change(func(p *Pair) { p.Distance = math.NaN() }),
		"a negative":      change(func(p *Pair) { p.Distance = -1 }),
		"an unknown mark": change(func(p *Pair) { p.Mark = 9 }),
		"too many":        make([]Pair, 31),
	} {
		figure, err := Pairs("", pairs...)
		wantError(t, what, figure, err, nil)
	}
}

func TestProbabilitiesAreNotRoundedToCertainty(t *testing.T) {
	for p, want := range map[float64]string{0: "0.0 %", 0.0001: "< 0.1 %", 0.0005: "0.1 %", 0.123: "12.3 %", 0.9994: "99.9 %", 0.9999: "> 99.9 %", 1: "100.0 %"} {
		if got := percentText(p); got != want {
			t.Errorf("%v is written %q, want %q", p, got, want)
		}
	}
}
