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

// Rates plots a search for a learning rate: the loss of each batch (in nats) as a function
// of the learning rate, which grows from batch to batch, on a logarithmic axis; the moving
// average of the loss; and a dashed line at the suggested rate, 0 for none. The three lists
// must be equally long, and the rates must grow. The axis of losses ends slightly above the
// first losses, since larger losses only show that the training diverged.
//
// The figure is that of Smith 2015, https://arxiv.org/abs/1506.01186, figure 2.
func Rates(title string, rates, losses, smoothed []float64, suggested float64) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("plot learning rates: "+format, args...)
	}
	if len(rates) < 2 {
		return fail("%d rates, want at least 2: %w", len(rates), errNoValues)
	}
	if len(losses) != len(rates) || len(smoothed) != len(rates) {
		return fail("%d rates, %d losses and %d smoothed losses, want equally many", len(rates), len(losses), len(smoothed))
	}
	lowest, top := math.Inf(1), math.Inf(-1)
	for i, rate := range rates {
		if !(rate > 0) || math.IsInf(rate, 0) || i > 0 && rate <= rates[i-1] {
			return fail("rate %d is %v, want a number greater than 0 and than the one before", i, rate)
		}
		for _, v := range []float64{losses[i], smoothed[i]} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fail("a loss at the rate %v is %v, want a number", rate, v)
			}
		}
		lowest = min(lowest, losses[i], smoothed[i])
		if i < max(3, len(rates)/4) {
			top = max(top, losses[i])
		}
	}
	if !(suggested >= 0) || math.IsInf(suggested, 0) {
		return fail("the suggested rate is %v, want a number above 0, or 0 for none", suggested)
	}
	top += (top-lowest)*0.35 + 1e-6

	best := 0
	for i := range smoothed {
		if smoothed[i] < smoothed[best] {
			best = i
		}
	}
	var alternative strings.Builder
	fmt.Fprintf(&alternative, "%s: loss by learning rate from %s to %s; the smoothed loss begins at %.3g, is lowest at %s (%.3g) and ends at %.3g", title,
		rateText(rates[0]), rateText(rates[len(rates)-1]), smoothed[0], rateText(rates[best]), smoothed[best], smoothed[len(smoothed)-1])
	if suggested > 0 {
		fmt.Fprintf(&alternative, "; suggested: %s", rateText(suggested))
	}

	p := newPlot(title, "learning rate (logarithmic)", "loss (cross-entropy)")
	p.Add(grid())
	room := (top - lowest) * 0.05
	p.X.Min, p.X.Max = math.Log10(rates[0]), math.Log10(rates[len(rates)-1])
	if suggested > 0 {
		p.X.Min, p.X.Max = min(p.X.Min, math.Log10(suggested)), max(p.X.Max, math.Log10(suggested))
	}
	p.Y.Min, p.Y.Max = max(lowest-room, 0), top
	p.X.Tick.Marker, p.Y.Tick.Marker = decadeTicks{}, roundTicks{}
	each := draw.LineStyle{Color: skyBlue, Width: 1.25 * px}
	average := draw.LineStyle{Color: blue, Width: 2.5 * px}
	dashed := draw.LineStyle{Color: vermillion, Width: 2 * px, Dashes: []vg.Length{6 * px, 4 * px}}
	for _, l := range []struct {
		values []float64
		style  draw.LineStyle
	}{{losses, each}, {smoothed, average}} {
		for _, part := range below(rates, l.values, top) {
			line, err := plotter.NewLine(part)
			if err != nil {
				return fail("%w", err)
			}
			line.LineStyle = l.style
			p.Add(line)
		}
	}
	legend := []key{{name: "each batch", line: each}, {name: "moving average", line: average}}
	if suggested > 0 {
		line, err := plotter.NewLine(plotter.XYs{{X: math.Log10(suggested), Y: p.Y.Min}, {X: math.Log10(suggested), Y: top}})
		if err != nil {
			return fail("%w", err)
		}
		line.LineStyle = dashed
		p.Add(line)
		legend = append(legend, key{name: "suggested: " + rateText(suggested), line: dashed})
	}
	for i := range legend {
		legend[i].glyph = draw.GlyphStyle{Color: ink, Shape: noGlyph{}}
	}
	rows := keyRows(legend, figureWidth-2*margin)
	footer := vg.Length(len(rows)) * keyHeight
	return newFigure(560*px, 320*px+footer, alternative.String(), func(c draw.Canvas) {
		p.Draw(draw.Crop(c, margin, -margin-8*px, margin+footer, -margin))
		drawKeys(c, rows, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2})
	}), nil
}

// below cuts a curve at the places where it crosses the top of the plot.
func below(rates, values []float64, top float64) []plotter.XYs {
	var parts []plotter.XYs
	open := false
	for i, v := range values {
		if v > top {
			if open { // up to the edge
				last := parts[len(parts)-1]
				before := last[len(last)-1]
				t := (top - before.Y) / (v - before.Y)
				parts[len(parts)-1] = append(last, plotter.XY{X: before.X + t*(math.Log10(rates[i])-before.X), Y: top})
			}
			open = false
			continue
		}
		if !open {
			parts = append(parts, nil)
			open = true
			if i > 0 { // from the edge
				a, b := math.Log10(rates[i-1]), math.Log10(rates[i])
				t := (top - values[i-1]) / (v - values[i-1])
				parts[len(parts)-1] = plotter.XYs{{X: a + t*(b-a), Y: top}}
			}
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], plotter.XY{X: math.Log10(rates[i]), Y: v})
	}
	return parts
}

// rateText writes a learning rate with two significant digits.
func rateText(rate float64) string {
	if rate >= 0.0001 && rate < 100 {
		return strconv.FormatFloat(rate, 'g', 2, 64)
	}
	return strings.Replace(strconv.FormatFloat(rate, 'e', 1, 64), "-", "−", 1)
}

// noGlyph draws nothing: a line without marks.
type noGlyph struct{}

// DrawGlyph draws nothing.
func (noGlyph) DrawGlyph(*draw.Canvas, draw.GlyphStyle, vg.Point) {}

// decadeTicks are ticks for an axis of decimal logarithms: with numbers at the powers of
// ten, and also at 2 and 5 between them on a short axis, and without numbers at the others.
type decadeTicks struct{}

// Ticks returns the ticks between two logarithms.
func (decadeTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	every := int(math.Ceil((high - low) / 8)) // decades between numbers
	for power := int(math.Floor(low)); power <= int(math.Ceil(high)); power++ {
		for m := 1; m <= 9; m++ {
			at := float64(power) + math.Log10(float64(m))
			if at < low-1e-9 || at > high+1e-9 {
				continue
			}
			label := ""
			if m == 1 && power%max(every, 1) == 0 || (m == 2 || m == 5) && high-low <= 2.2 {
				label = decimalText(float64(m), power)
			}
			if label == "" && high-low > 4 {
				continue
			}
			ticks = append(ticks, plot.Tick{Value: at, Label: label})
		}
	}
	return ticks
}

// decimalText writes m·10^power without an exponent where that is short.
func decimalText(m float64, power int) string {
	switch {
	case power >= 6:
		return strconv.FormatFloat(m*math.Pow(10, float64(power-6)), 'f', -1, 64) + " M"
	case power >= 4:
		return strconv.FormatFloat(m*math.Pow(10, float64(power-3)), 'f', -1, 64) + " k"
	case power >= -5:
		return strconv.FormatFloat(m*math.Pow(10, float64(power)), 'f', max(0, -power), 64)
	}
	return fmt.Sprintf("%ge−%d", m, -power)
}
