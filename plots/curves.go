package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// A Curve is one line through the points (X[i], Y[i]), in their order.
type Curve struct {
	Name string // shown in the legend; may be empty if there is only one curve
	X, Y []float64
}

// A Chart is one plot of curves.
type Chart struct {
	Title, XLabel, YLabel string
	Curves                []Curve

	// LogX makes the x axis logarithmic; all X must be positive then.
	LogX bool

	// Vertical draws a dashed line at this x, such as the current value of a
	// weight; nil draws none.
	Vertical *float64
}

// Curves plots quantities as functions of others, in one to three charts side by side,
// such as accuracy and loss for the values of one weight. Curves with the same name
// look the same in all charts, and there is one legend for all. The title above them
// may be empty.
func Curves(title string, charts ...Chart) (*Figure, error) {
	return curvesKind.figure(title, charts)
}

var curvesKind = chartKind{
	task: "draw curves", chart: "chart", curve: "curve", curves: "curves",
	height: 300 * px, marked: 30,
	check: checkCurve, describe: describeCurve, xAxis: valueAxis,
}

// checkCurve returns an error for points that are not on the chart's axes.
func checkCurve(chart Chart, c Curve) error {
	if len(c.X) != len(c.Y) {
		return fmt.Errorf("has %d values for x and %d for y, want equally many", len(c.X), len(c.Y))
	}
	for j, x := range c.X {
		if y := c.Y[j]; math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0) {
			return fmt.Errorf("has the point (%v, %v) at position %d, want finite numbers", x, y, j)
		}
		if chart.LogX && x <= 0 {
			return fmt.Errorf("has x = %v at position %d, want positive numbers on a logarithmic axis", x, j)
		}
	}
	return nil
}

// describeCurve writes all points of a short curve and nine of a long one.
func describeCurve(b *strings.Builder, c Curve) {
	const shown = 9
	n := len(c.X)
	if n > shown {
		fmt.Fprintf(b, "%d of %d points:", shown, n)
	} else {
		fmt.Fprintf(b, "%d points:", n)
	}
	for i := range min(n, shown) {
		at := i
		if n > shown {
			at = i * (n - 1) / (shown - 1)
		}
		fmt.Fprintf(b, " (%s, %s)", strconv.FormatFloat(c.X[at], 'g', 4, 64), strconv.FormatFloat(c.Y[at], 'g', 4, 64))
	}
}

// valueAxis makes an axis from the lowest to the highest x.
func valueAxis(p *plot.Plot, chart Chart) {
	left, right := math.Inf(1), math.Inf(-1)
	for _, c := range chart.Curves {
		for _, x := range c.X {
			left, right = min(left, x), max(right, x)
		}
	}
	if chart.Vertical != nil {
		left, right = min(left, *chart.Vertical), max(right, *chart.Vertical)
	}
	p.X.Min, p.X.Max = left, right
	if chart.LogX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, powerTicks{}
		if left == right {
			p.X.Min, p.X.Max = left/2, right*2
		}
		return
	}
	p.X.Tick.Marker = roundTicks{}
	if left == right {
		p.X.Min, p.X.Max = left-1, right+1
	}
}
