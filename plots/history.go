package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// A Series is one line of a history: a value for each of several consecutive
// epochs, of which First is the first.
type Series struct {
	Name   string // shown in the legend; may be empty if there is only one series
	First  int    // the epoch of Values[0]; epoch 0 is before any training
	Values []float64
}

// FromUntrained returns a series that begins at epoch 0 with the value before any training,
// and continues with the values after epochs 1, 2, …
func FromUntrained(name string, untrained float64, trained ...float64) Series {
	return Series{Name: name, First: 0, Values: append([]float64{untrained}, trained...)}
}

// FromFirstEpoch returns a series of values after epochs 1, 2, …, for quantities without a
// value before training, such as the training loss.
func FromFirstEpoch(name string, trained ...float64) Series {
	return Series{Name: name, First: 1, Values: trained}
}

// A Panel is one plot of a history: a title, the label of the y axis, and its lines.
type Panel struct {
	Title  string
	YLabel string
	Series []Series
}

// History plots one or several series over the epochs of a training. Points are
// marked; the marks of a single series are '×', those of several differ in shape and colour.
func History(title, yLabel string, series ...Series) (*Figure, error) {
	return Histories("", Panel{Title: title, YLabel: yLabel, Series: series})
}

// Histories plots one to three panels side by side, such as loss and accuracy,
// for one or several models. Series with the same name look the same in all
// panels, and there is one legend for all. The title above them may be empty.
func Histories(title string, panels ...Panel) (*Figure, error) {
	charts := make([]Chart, len(panels))
	for i, panel := range panels {
		charts[i] = Chart{Title: panel.Title, XLabel: "epoch", YLabel: panel.YLabel}
		for _, s := range panel.Series {
			epochs := make([]float64, len(s.Values))
			for j := range epochs {
				epochs[j] = float64(s.First + j)
			}
			charts[i].Curves = append(charts[i].Curves, Curve{Name: s.Name, X: epochs, Y: s.Values})
		}
	}
	return historyKind.figure(title, charts)
}

var historyKind = chartKind{
	task: "draw a training history", chart: "panel", curve: "series", curves: "series",
	height: 320 * px, marked: math.MaxInt, bold: true,
	check: checkSeries, describe: describeSeries, xAxis: epochAxis,
}

// checkSeries returns an error for values that a training cannot have.
func checkSeries(_ Chart, c Curve) error {
	if c.X[0] < 0 {
		return fmt.Errorf("begins at epoch %.0f, want 0 (before training) or later", c.X[0])
	}
	for j, v := range c.Y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("has the value %v at epoch %.0f, want finite numbers; the training diverged, or the value was not computed", v, c.X[j])
		}
	}
	return nil
}

// describeSeries writes all values.
func describeSeries(b *strings.Builder, c Curve) {
	fmt.Fprintf(b, "epoch %.0f", c.X[0])
	if len(c.X) > 1 {
		fmt.Fprintf(b, " to %.0f", c.X[len(c.X)-1])
	}
	b.WriteString(":")
	for _, v := range c.Y {
		b.WriteString(" " + strconv.FormatFloat(v, 'g', 4, 64))
	}
}

// epochAxis makes an axis from epoch 0 to the last.
func epochAxis(p *plot.Plot, chart Chart) {
	last := 1.0
	for _, c := range chart.Curves {
		last = max(last, c.X[len(c.X)-1])
		if c.X[0] == 0 {
			p.X.Label.Text = "epoch (0: before training)"
		}
	}
	p.X.Min, p.X.Max = 0, last
	p.X.Tick.Marker = epochTicks{}
}
