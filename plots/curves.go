package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Curve is one line through the points (X[i], Y[i]), in their order.
type Curve struct {
	Name string // shown in the legend; may be empty if there is one curve only
	X, Y []float64
}

// A Chart is one plot of curves.
type Chart struct {
	Title, XLabel, YLabel string
	Curves                []Curve

	// LogX spaces the x axis by powers of ten; all X must be positive then.
	LogX bool

	// Vertical draws a dashed line at this x, such as where a weight stands
	// now; nil draws none.
	Vertical *float64
}

// Curves with at most so many points show each of them as a mark.
const markedPoints = 30

// Curves plots any quantity against any other, in one to three charts side by
// side, such as accuracy and loss as one weight moves. Curves of the same name
// look the same in all charts, and one legend serves them all. The title above
// them may be empty.
func Curves(title string, charts ...Chart) (*Figure, error) {
	if len(charts) < 1 || len(charts) > 3 {
		return nil, fmt.Errorf("draw curves: %d charts, expected 1 to 3", len(charts))
	}
	var names []string // in order of appearance: the legend
	looks := map[string]int{}
	var alternative strings.Builder
	if title != "" {
		fmt.Fprintf(&alternative, "%s\n", title)
	}
	for i, chart := range charts {
		if err := checkChart(chart); err != nil {
			return nil, fmt.Errorf("draw curves: chart %d (%q): %w", i, chart.Title, err)
		}
		fmt.Fprintf(&alternative, "%s: %s by %s", chart.Title, chart.YLabel, chart.XLabel)
		for _, c := range chart.Curves {
			if _, known := looks[c.Name]; !known {
				looks[c.Name] = len(names)
				names = append(names, c.Name)
			}
			describeCurve(&alternative, c)
		}
		if i < len(charts)-1 {
			alternative.WriteByte('\n')
		}
	}
	if len(names) > maxSeries {
		return nil, fmt.Errorf("draw curves: %d differently named curves, expected at most %d, which is how many can be told apart", len(names), maxSeries)
	}

	plots := make([]*plot.Plot, len(charts))
	for i, chart := range charts {
		p, err := chartPlot(chart, looks)
		if err != nil {
			return nil, fmt.Errorf("draw curves: chart %d (%q): %w", i, chart.Title, err)
		}
		plots[i] = p
	}
	var legend []key
	if len(names) > 1 {
		for i, name := range names {
			legend = append(legend, key{name: name, line: seriesLine(i), glyph: seriesGlyph(i, false)})
		}
	}
	width, height := figureWidth, 300*px
	if len(charts) == 1 {
		width = 560 * px
	}
	return sideBySide(title, plots, legend, width, height, alternative.String()), nil
}

// sideBySide draws plots in a row, with a title above and a legend below.
func sideBySide(title string, plots []*plot.Plot, legend []key, width, height vg.Length, alternative string) *Figure {
	header := vg.Length(0)
	if title != "" {
		header = 26 * px
	}
	rows := keyRows(legend, width-2*margin)
	footer := vg.Length(len(rows)) * keyHeight
	return newFigure(width, height+header+footer, alternative, func(c draw.Canvas) {
		if title != "" {
			c.FillText(aligned(style(titleSize, true), draw.XCenter, draw.YTop), vg.Point{X: c.Center().X, Y: c.Max.Y - margin}, title)
		}
		inner := draw.Crop(c, margin, -margin, margin+footer, -margin-header)
		const gap = 18 * px
		each := (inner.Max.X - inner.Min.X - gap*vg.Length(len(plots)-1)) / vg.Length(len(plots))
		for i, p := range plots {
			panel := inner
			panel.Min.X += vg.Length(i) * (each + gap)
			panel.Max.X = panel.Min.X + each
			p.Draw(panel)
		}
		drawKeys(c, rows, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2})
	})
}

// checkChart reports what cannot be plotted.
func checkChart(chart Chart) error {
	if len(chart.Curves) == 0 {
		return fmt.Errorf("no curves: %w", errNoValues)
	}
	seen := map[string]bool{}
	for i, c := range chart.Curves {
		if c.Name == "" && len(chart.Curves) > 1 {
			return fmt.Errorf("curve %d of %d has no name; names tell curves apart", i, len(chart.Curves))
		}
		if seen[c.Name] {
			return fmt.Errorf("two curves are named %q; names tell curves apart", c.Name)
		}
		seen[c.Name] = true
		if len(c.X) == 0 {
			return fmt.Errorf("curve %q: %w", c.Name, errNoValues)
		}
		if len(c.X) != len(c.Y) {
			return fmt.Errorf("curve %q has %d values for x and %d for y, expected equally many", c.Name, len(c.X), len(c.Y))
		}
		for j := range c.X {
			if x, y := c.X[j], c.Y[j]; math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(y) || math.IsInf(y, 0) {
				return fmt.Errorf("curve %q has the point (%v, %v) at position %d, expected finite numbers", c.Name, x, y, j)
			}
			if chart.LogX && c.X[j] <= 0 {
				return fmt.Errorf("curve %q has x = %v at position %d; a logarithmic axis has positive numbers only", c.Name, c.X[j], j)
			}
		}
	}
	if v := chart.Vertical; v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0) || chart.LogX && *v <= 0) {
		return fmt.Errorf("the vertical line stands at %v, which the axis does not have", *v)
	}
	return nil
}

// describeCurve writes a curve for the text alternative: all of a short one,
// nine points of a long one.
func describeCurve(b *strings.Builder, c Curve) {
	b.WriteString("\n  ")
	if c.Name != "" {
		b.WriteString(c.Name + ": ")
	}
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

// chartPlot draws one chart.
func chartPlot(chart Chart, looks map[string]int) (*plot.Plot, error) {
	p := newPlot(chart.Title, chart.XLabel, chart.YLabel)
	p.Add(grid())
	left, right, lowest, highest := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range chart.Curves {
		for i := range c.X {
			left, right = min(left, c.X[i]), max(right, c.X[i])
			lowest, highest = min(lowest, c.Y[i]), max(highest, c.Y[i])
		}
	}
	if chart.Vertical != nil {
		left, right = min(left, *chart.Vertical), max(right, *chart.Vertical)
	}
	p.X.Min, p.X.Max = left, right
	switch {
	case chart.LogX:
		p.X.Scale = plot.LogScale{}
		p.X.Tick.Marker = powerTicks{}
		if left == right {
			p.X.Min, p.X.Max = left/2, right*2
		}
	default:
		if left == right {
			p.X.Min, p.X.Max = left-1, right+1
		}
		p.X.Tick.Marker = roundTicks{}
	}
	room := (highest - lowest) * 0.05
	if room == 0 {
		room = max(math.Abs(highest)*0.05, 1e-6)
	}
	p.Y.Min, p.Y.Max = lowest-room, highest+room
	if lowest >= 0 {
		p.Y.Min = max(p.Y.Min, 0)
	}
	p.Y.Tick.Marker = roundTicks{}

	if chart.Vertical != nil {
		line, err := plotter.NewLine(plotter.XYs{{X: *chart.Vertical, Y: p.Y.Min}, {X: *chart.Vertical, Y: p.Y.Max}})
		if err != nil {
			return nil, err
		}
		line.LineStyle = draw.LineStyle{Color: mutedInk, Width: 1.25 * px, Dashes: []vg.Length{5 * px, 4 * px}}
		p.Add(line)
	}
	for _, c := range chart.Curves {
		points := make(plotter.XYs, len(c.X))
		for i := range c.X {
			points[i] = plotter.XY{X: c.X[i], Y: c.Y[i]}
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		line.LineStyle = seriesLine(looks[c.Name])
		p.Add(line)
		if len(c.X) <= markedPoints {
			marks.GlyphStyle = seriesGlyph(looks[c.Name], false)
			p.Add(marks)
			continue
		}
		// A few marks along a long curve tell it from the others without colour.
		if len(chart.Curves) > 1 {
			few := make(plotter.XYs, 0, 5)
			for i := range 5 {
				few = append(few, points[(2*i+1)*(len(points)-1)/10])
			}
			sparse, err := plotter.NewScatter(few)
			if err != nil {
				return nil, err
			}
			sparse.GlyphStyle = seriesGlyph(looks[c.Name], false)
			p.Add(sparse)
		}
	}
	return p, nil
}

// powerTicks puts numbered ticks on the powers of ten of a logarithmic axis and
// small ones between. Where there is no more than one power of ten, the
// small ones have numbers, too.
type powerTicks struct{}

// Ticks returns the ticks between two positive values.
func (powerTicks) Ticks(low, high float64) []plot.Tick {
	const slack = 1e-9
	var ticks []plot.Tick
	powers := 0
	first, last := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
	for e := first; e <= last; e++ {
		for factor := 1; factor < 10; factor++ {
			value := float64(factor) * math.Pow10(e)
			if value < low*(1-slack) || value > high*(1+slack) {
				continue
			}
			tick := plot.Tick{Value: value}
			if factor == 1 {
				tick.Label = strconv.FormatFloat(value, 'g', 4, 64)
				powers++
			}
			ticks = append(ticks, tick)
		}
	}
	if powers <= 1 {
		for i, tick := range ticks {
			ticks[i].Label = strconv.FormatFloat(tick.Value, 'g', 2, 64)
		}
	}
	return ticks
}
