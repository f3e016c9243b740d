package plots

import (
	"math"
	"testing"
)

// sampled returns f at n places from low to high.
func sampled(name string, low, high float64, n int, f func(float64) float64) Curve {
	c := Curve{Name: name}
	for i := range n {
		x := low + (high-low)*float64(i)/float64(n-1)
		c.X, c.Y = append(c.X, x), append(c.Y, f(x))
	}
	return c
}

func TestCurvesSideBySideLookAsBefore(t *testing.T) {
	now := 0.3
	figure, err := Curves("One weight moves",
		Chart{Title: "Loss", XLabel: "weight", YLabel: "loss", Vertical: &now,
			Curves: []Curve{sampled("", -1, 1, 200, func(x float64) float64 { return 1 + x*x })}},
		Chart{Title: "Accuracy", XLabel: "weight", YLabel: "accuracy", Vertical: &now,
			Curves: []Curve{sampled("", -1, 1, 200, func(x float64) float64 { return math.Round(5*(1-math.Abs(x))) / 10 })}})
	checkGolden(t, "curves", figure, err)
}

func TestSeveralCurvesLookAsBefore(t *testing.T) {
	figure, err := Curves("", Chart{Title: "Squashing", XLabel: "z", YLabel: "output", Curves: []Curve{
		sampled("sigmoid", -5, 5, 101, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		sampled("tanh", -5, 5, 101, math.Tanh),
	}})
	checkGolden(t, "curves_several", figure, err)
}

func TestCurvesOnALogarithmicAxisLookAsBefore(t *testing.T) {
	figure, err := Curves("", Chart{Title: "Learning rates", XLabel: "learning rate", YLabel: "validation loss", LogX: true,
		Curves: []Curve{{X: []float64{0.001, 0.01, 0.1, 1}, Y: []float64{1.2, 0.7, 0.5, 3}}}})
	checkGolden(t, "curves_log", figure, err)
}

func TestCurvesRejectInvalidArguments(t *testing.T) {
	one := Curve{Name: "a", X: []float64{1, 2}, Y: []float64{3, 4}}
	nan := math.NaN()
	for what, chart := range map[string]Chart{
		"no points":             {Curves: []Curve{{Name: "a"}}},
		"mismatched lengths":    {Curves: []Curve{{X: []float64{1, 2}, Y: []float64{1}}}},
		"NaN":                   {Curves: []Curve{{X: []float64{1}, Y: []float64{nan}}}},
		"infinity":              {Curves: []Curve{{X: []float64{math.Inf(1)}, Y: []float64{1}}}},
		"nameless curves":       {Curves: []Curve{one, {X: []float64{1}, Y: []float64{1}}}},
		"two of one name":       {Curves: []Curve{one, one}},
		"0 on a log axis":       {LogX: true, Curves: []Curve{{X: []float64{0}, Y: []float64{1}}}},
		"a line off a log axis": {LogX: true, Vertical: new(float64), Curves: []Curve{one}},
		"a line at NaN":         {Vertical: &nan, Curves: []Curve{one}},
	} {
		figure, err := Curves("t", chart)
		wantError(t, what, figure, err, nil)
	}
	figure, err := Curves("t", Chart{})
	wantError(t, "no curves", figure, err, errNoValues)
	figure, err = Curves("t")
	wantError(t, "no charts", figure, err, nil)
	many := Chart{}
	for i := range maxSeries + 1 {
		many.Curves = append(many.Curves, Curve{Name: string(rune('a' + i)), X: one.X, Y: one.Y})
	}
	figure, err = Curves("t", many)
	wantError(t, "more than can be distinguished", figure, err, nil)
}

func TestPowerTicksHaveNumbers(t *testing.T) {
	for _, bounds := range [][2]float64{{1e-4, 10}, {0.02, 0.3}, {0.2, 0.7}, {1, 1000}} {
		numbered := 0
		for _, tick := range (powerTicks{}).Ticks(bounds[0], bounds[1]) {
			if tick.Value < bounds[0]*0.999 || tick.Value > bounds[1]*1.001 {
				t.Errorf("%v has the tick %v outside", bounds, tick.Value)
			}
			if tick.Label != "" {
				numbered++
			}
		}
		if numbered < 2 {
			t.Errorf("%v has %d numbers, want at least 2", bounds, numbered)
		}
	}
}
