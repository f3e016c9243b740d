package plots

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// rateSearch is a search that falls, turns and breaks down.
func rateSearch() (rates, losses, smoothed []float64) {
	for i := range 100 {
		x := float64(i) / 99
		rates = append(rates, 1e-5*math.Pow(1e5, x))
		loss := 2.3 - 1.7/(1+math.Exp(-(x-0.5)*16)) + math.Exp((x-0.85)*30)
		smoothed = append(smoothed, loss)
		losses = append(losses, loss+0.12*math.Sin(float64(i*i)))
	}
	return rates, losses, smoothed
}

func TestRatesLooksAsBefore(t *testing.T) {
	rates, losses, smoothed := rateSearch()
	figure, err := Rates("Which learning rate?", rates, losses, smoothed, 0.0065)
	checkGolden(t, "rates", figure, err)
}

func TestRatesRejectsInvalidArguments(t *testing.T) {
	two := []float64{1, 2}
	for what, f := range map[string]func() (*Figure, error){
		"nothing":               func() (*Figure, error) { return Rates("", nil, nil, nil, 0) },
		"one rate":              func() (*Figure, error) { return Rates("", two[:1], two[:1], two[:1], 0) },
		"a missing loss":        func() (*Figure, error) { return Rates("", two, two[:1], two, 0) },
		"rates that fall":       func() (*Figure, error) { return Rates("", []float64{2, 1}, two, two, 0) },
		"a rate of 0":           func() (*Figure, error) { return Rates("", []float64{0, 1}, two, two, 0) },
		"NaN":                   func() (*Figure, error) { return Rates("", two, two, []float64{1, math.NaN()}, 0) },
		"a negative suggestion": func() (*Figure, error) { return Rates("", two, two, two, -1) },
	} {
		figure, err := f()
		wantError(t, what, figure, err, nil)
	}
}

func fiveRuns() []Runs {
	return []Runs{
		{"softmax", 7850, []float64{9.1, 9.3, 9}, []float64{0.7102, 0.7155, 0.7088}},
		{"cnn", 28938, []float64{151, 148, 150}, []float64{0.883, 0.891, 0.879}},
		{"cnn_v1", 83658, []float64{480, 470, 475}, []float64{0.901, 0.907, 0.905}},
		{"cnn_v2", 113610, []float64{830, 835, 828}, []float64{0.905, 0.912, 0.909}},
		{"cnn_v3", 620746, []float64{1130}, []float64{0.912}},
	}
}

func TestTradeOffLooksAsBefore(t *testing.T) {
	figure, err := TradeOff("What accuracy costs", fiveRuns()...)
	checkGolden(t, "tradeoff", figure, err)
}

func TestTradeOffAndItsTableRejectInvalidArguments(t *testing.T) {
	for what, runs := range map[string][]Runs{
		"nothing":            nil,
		"no name":            {{"", 1, []float64{1}, []float64{1}}},
		"the same name":      {{"a", 1, []float64{1}, []float64{1}}, {"a", 1, []float64{1}, []float64{1}}},
		"no parameters":      {{"a", 0, []float64{1}, []float64{1}}},
		"no accuracies":      {{"a", 1, nil, nil}},
		"a missing time":     {{"a", 1, []float64{1}, []float64{0.5, 0.6}}},
		"no time at all":     {{"a", 1, []float64{0}, []float64{0.5}}},
		"NaN":                {{"a", 1, []float64{1}, []float64{math.NaN()}}},
		"per cent, no share": {{"a", 1, []float64{1}, []float64{90}}},
	} {
		figure, err := TradeOff("", runs...)
		wantError(t, what, figure, err, nil)
		if _, _, err := RunTable(runs...); err == nil {
			t.Errorf("%s: there is a table", what)
		}
	}
	var eight []Runs
	for i := range 8 {
		eight = append(eight, Runs{fmt.Sprint(i), 1, []float64{1}, []float64{0.5}})
	}
	figure, err := TradeOff("", eight...)
	wantError(t, "too many to tell apart", figure, err, nil)
}

func TestMinutesLooksAsBefore(t *testing.T) {
	runs := append(fiveRuns()[1:], Runs{"fast", 160000, []float64{85, 88}, []float64{0.929, 0.933}}, Runs{"best", 293000, []float64{390, 400}, []float64{0.949, 0.952}})
	figure, err := Minutes("Accuracy and minutes", []Reference{{"GPU, 50 epochs", 0.949}, {"GPU, 20 epochs", 0.943}, {"another", 0.907}}, runs...)
	checkGolden(t, "minutes", figure, err)
}

func TestMinutesRejectsInvalidArguments(t *testing.T) {
	one := Runs{"a", 1, []float64{1}, []float64{0.5}}
	for what, references := range map[string][]Reference{
		"no name": {{"", 0.5}}, "NaN": {{"a", math.NaN()}}, "per cent, no share": {{"a", 90}},
	} {
		figure, err := Minutes("", references, one)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Minutes("", nil)
	wantError(t, "no models", figure, err, nil)
}

func TestNamesOfLinesThatAreCloseStandAtOppositeEnds(t *testing.T) {
	lines := []Reference{{"a", 0.80}, {"b", 0.90}, {"c", 0.905}, {"d", 0.91}, {"e", 0.95}}
	if got, want := rightEnds(lines, 1), []bool{false, false, true, false, false}; !slices.Equal(got, want) {
		t.Errorf("at the right end: %v, want %v", got, want)
	}
}

// halfTrained is a training in its fourth epoch of ten.
func halfTrained() TrainingState {
	s := TrainingState{
		Epochs: 10, StepsPerEpoch: 391, ImagesPerSecond: 4211, Left: 92 * time.Second,
		ValLosses: []float64{0.47, 0.41, 0.385}, ValAccuracies: []float64{0.831, 0.853, 0.862},
	}
	for i := range 3*391 + 150 {
		s.StepLosses = append(s.StepLosses, 0.33+2*math.Exp(-float64(i)/60)+0.08*math.Sin(float64(i*i)))
	}
	return s
}

func TestATrainingUnderWayLooksAsBefore(t *testing.T) {
	figure, err := Training("Training cnn", halfTrained())
	checkGolden(t, "training", figure, err)
}

func TestATrainingThatBeginsLooksAsBefore(t *testing.T) {
	figure, err := Training("Training cnn", TrainingState{Epochs: 10, StepsPerEpoch: 391})
	checkGolden(t, "training_begins", figure, err)
}

func TestATrainingThatHasEndedLooksAsBefore(t *testing.T) {
	s := TrainingState{Epochs: 2, StepsPerEpoch: 30, ImagesPerSecond: 51234.6, Ended: true, ValLosses: []float64{0.9, 0.7}, ValAccuracies: []float64{0.7, 0.74}}
	for i := range 60 {
		s.StepLosses = append(s.StepLosses, 2.3*math.Exp(-float64(i)/30))
	}
	figure, err := Training("Training softmax", s)
	checkGolden(t, "training_ended", figure, err)
}

func TestTrainingRejectsInvalidArguments(t *testing.T) {
	change := func(f func(*TrainingState)) TrainingState { s := halfTrained(); f(&s); return s }
	for what, s := range map[string]TrainingState{
		"no epochs":             {},
		"too many losses":       change(func(s *TrainingState) { s.Epochs = 3 }),
		"a missing accuracy":    change(func(s *TrainingState) { s.ValAccuracies = s.ValAccuracies[:2] }),
		"NaN":                   change(func(s *TrainingState) { s.StepLosses[7] = math.NaN() }),
		"an infinite loss":      change(func(s *TrainingState) { s.ValLosses[0] = math.Inf(1) }),
		"an accuracy above 1":   change(func(s *TrainingState) { s.ValAccuracies[0] = 83 }),
		"a negative speed":      change(func(s *TrainingState) { s.ImagesPerSecond = -1 }),
		"time that has run out": change(func(s *TrainingState) { s.Left = -time.Second }),
	} {
		figure, err := Training("", s)
		wantError(t, what, figure, err, nil)
	}
}

func TestDurationsAreWrittenWithSuitableUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		300 * time.Millisecond: "1 s", 42 * time.Second: "42 s", 185 * time.Second: "3:05 min", 3720 * time.Second: "1:02 h",
	} {
		if got := clock(d); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}

func TestACurveIsCutWhereItLeavesThePlotAndWhereItComesBack(t *testing.T) {
	parts := below([]float64{1, 10, 100, 1000}, []float64{1, 3, 1, 1}, 2)
	if got, want := fmt.Sprint(parts), "[[{0 1} {0.5 2}] [{1.5 2} {2 1} {3 1}]]"; got != want {
		t.Errorf("the parts are %s, want %s", got, want)
	}
}
