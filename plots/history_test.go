package plots

import (
	"math"
	"strings"
	"testing"
)

func fiveModels() []Series {
	var all []Series
	for i, name := range []string{"softmax", "cnn", "cnn_v1", "cnn_v2", "cnn_v3"} {
		values := make([]float64, 10)
		for epoch := range values {
			values[epoch] = 0.7 + 0.03*float64(i) + 0.08*(1-math.Exp(-float64(epoch)/3))
		}
		all = append(all, FromUntrained(name, 0.1, values...))
	}
	return all
}

func TestHistoryLooksAsBefore(t *testing.T) {
	figure, err := History("Validation loss", "loss", FromUntrained("", 2.31, 1.8, 1.5, 1.3, 1.2, 1.1))
	checkGolden(t, "history", figure, err)
}

func TestHistoryOfFiveModelsLooksAsBefore(t *testing.T) {
	figure, err := History("Validation accuracy", "accuracy", fiveModels()...)
	checkGolden(t, "history_models", figure, err)
}

func TestHistoriesSideBySideLookAsBefore(t *testing.T) {
	figure, err := Histories("cnn",
		Panel{Title: "Loss", YLabel: "cross-entropy", Series: []Series{
			FromFirstEpoch("training", 0.6, 0.4, 0.33, 0.3),
			FromUntrained("validation", 2.3, 0.45, 0.4, 0.39, 0.41),
		}},
		Panel{Title: "Accuracy", YLabel: "accuracy", Series: []Series{FromUntrained("validation", 0.1, 0.83, 0.86, 0.88, 0.88)}})
	checkGolden(t, "histories", figure, err)
}

func TestHistoryRejectsInvalidArguments(t *testing.T) {
	one := FromFirstEpoch("a", 1)
	for what, series := range map[string][]Series{
		"no values":          {{Name: "a"}},
		"a diverged loss":    {FromFirstEpoch("a", 1, math.NaN())},
		"an infinite loss":   {FromFirstEpoch("a", math.Inf(1))},
		"a negative epoch":   {{Name: "a", First: -1, Values: []float64{1}}},
		"a nameless series":  {one, FromFirstEpoch("", 1)},
		"two of one name":    {one, one},
		"more than can tell": append(fiveModels(), one, FromFirstEpoch("b", 1), FromFirstEpoch("c", 1)),
	} {
		figure, err := History("t", "loss", series...)
		wantError(t, what, figure, err, nil)
	}
	figure, err := History("t", "loss")
	wantError(t, "no series", figure, err, errNoValues)
	figure, err = Histories("t")
	wantError(t, "no panels", figure, err, nil)
}

func TestDivergedTrainingIsNamedByEpoch(t *testing.T) {
	_, err := History("t", "loss", FromUntrained("cnn", 2.3, 1, math.NaN()))
	if err == nil || !strings.Contains(err.Error(), `"cnn"`) || !strings.Contains(err.Error(), "epoch 2") {
		t.Errorf("the error is %v, want it to name the series cnn and epoch 2", err)
	}
}

func TestEpochTicksAreWholeAndFew(t *testing.T) {
	for _, last := range []float64{0, 1, 2, 10, 11, 25, 100, 3000} {
		ticks := epochTicks{}.Ticks(0, max(last, 1))
		if len(ticks) < 2 || len(ticks) > 12 {
			t.Errorf("%v epochs have %d ticks, want 2 to 12", last, len(ticks))
		}
		for _, tick := range ticks {
			if tick.Value != math.Trunc(tick.Value) || tick.Label == "" {
				t.Errorf("%v epochs have the tick %+v, want whole numbers", last, tick)
			}
		}
	}
}

func TestRoundTicksAreFewAndDistinct(t *testing.T) {
	for _, bounds := range [][2]float64{{0, 1}, {0.85, 0.93}, {0.0001, 0.0002}, {-3, 900}, {0.9, 0.9000001}, {2, 2}} {
		labels := map[string]bool{}
		for _, tick := range (roundTicks{}).Ticks(bounds[0], bounds[1]) {
			labels[tick.Label] = true
		}
		ticks := (roundTicks{}).Ticks(bounds[0], bounds[1])
		if len(ticks) > 8 || len(ticks) < 3 && bounds[0] < bounds[1] {
			t.Errorf("%v to %v has %d ticks, want 3 to 8", bounds[0], bounds[1], len(ticks))
		}
		if len(labels) != len(ticks) && bounds[1]-bounds[0] > 1e-5 {
			t.Errorf("%v to %v has the labels %v for %d ticks", bounds[0], bounds[1], labels, len(ticks))
		}
	}
}
