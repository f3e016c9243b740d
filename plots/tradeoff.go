package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Runs holds the cost and the accuracy of the training runs of one model, over one or
// several seeds.
type Runs struct {
	Model      string
	Parameters int       // trainable values, at least 1
	Seconds    []float64 // of training, greater than 0, one for each seed
	Accuracies []float64 // in [0, 1], one for each seed
}

// TradeOff plots the accuracy of one to seven models as a function of their cost: of the
// number of parameters on the left, and of the seconds of training on the right, both on
// logarithmic axes. Each model has a mark with a different shape and colour at the mean over
// its seeds, and a bar from the lowest accuracy to the highest. The axis of accuracies, in
// per cent, does not begin at zero, since readers compare positions, not lengths.
func TradeOff(title string, runs ...Runs) (*Figure, error) {
	if err := checkCosts(runs); err != nil {
		return nil, fmt.Errorf("plot models: %w", err)
	}
	header, rows, err := RunTable(runs...)
	if err != nil {
		return nil, err
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	for _, row := range rows {
		alternative.WriteString("\n  ")
		for i, text := range row {
			if i > 0 {
				alternative.WriteString("; " + header[i] + " ")
			}
			alternative.WriteString(text)
		}
	}

	byParameters, err := costs(runs, "parameters (logarithmic)", "test accuracy (%)", func(r Runs) float64 { return float64(r.Parameters) })
	if err != nil {
		return nil, fmt.Errorf("plot models: %w", err)
	}
	bySeconds, err := costs(runs, "seconds to train (logarithmic)", "test accuracy (%)", func(r Runs) float64 { mean, _, _ := spread(r.Seconds); return mean })
	if err != nil {
		return nil, fmt.Errorf("plot models: %w", err)
	}
	return costFigure(title, alternative.String(), 290*px, runs, func(c draw.Canvas) {
		areas := inColumns(c, 2)
		byParameters.Draw(areas[0])
		bySeconds.Draw(areas[1])
	}), nil
}

// costs plots the accuracies of runs as a function of x, on a logarithmic axis.
func costs(runs []Runs, xLabel, yLabel string, x func(Runs) float64) (*plot.Plot, error) {
	p := newPlot("", xLabel, yLabel)
	p.Add(grid())
	left, right := math.Inf(1), math.Inf(-1)
	low, high := 1.0, 0.0
	for i, r := range runs {
		at := math.Log10(x(r))
		left, right = min(left, at), max(right, at)
		mean, a, b := spread(r.Accuracies)
		low, high = min(low, a), max(high, b)
		bar, err := plotter.NewLine(plotter.XYs{{X: at, Y: 100 * a}, {X: at, Y: 100 * b}})
		if err != nil {
			return nil, err
		}
		bar.LineStyle = draw.LineStyle{Color: costGlyph(i).Color, Width: 3 * px}
		point, err := plotter.NewScatter(plotter.XYs{{X: at, Y: 100 * mean}})
		if err != nil {
			return nil, err
		}
		point.GlyphStyle = costGlyph(i)
		p.Add(bar, point)
	}
	aside := max((right-left)*0.08, 0.15)
	p.X.Min, p.X.Max = left-aside, right+aside
	p.X.Tick.Marker = decadeTicks{}
	room := max((high-low)*0.08, 0.005)
	p.Y.Min, p.Y.Max = 100*max(low-room, 0), 100*min(high+room, 1)
	p.Y.Tick.Marker = roundTicks{}
	return p, nil
}

// costFigure returns a figure with a title, what paint draws in the given height, and the legend of the models.
func costFigure(title, alternative string, height vg.Length, runs []Runs, paint func(draw.Canvas)) *Figure {
	above := vg.Length(0)
	if title != "" {
		above = 28 * px
	}
	keys := keyRows(costKeys(runs), figureWidth-2*margin)
	footer := vg.Length(len(keys)) * keyHeight
	return newFigure(figureWidth, above+height+footer, alternative, func(c draw.Canvas) {
		drawTitle(c, title)
		paint(draw.Crop(c, margin, -margin-6*px, margin+footer, -margin-above))
		drawKeys(c, keys, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2})
	})
}

// costGlyph is the mark of the model number i.
func costGlyph(i int) draw.GlyphStyle {
	glyph := seriesGlyph(i, false)
	glyph.Radius = 5 * px
	return glyph
}

// costKeys is the legend of the models.
func costKeys(runs []Runs) []key {
	var legend []key
	for i, r := range runs {
		legend = append(legend, key{name: r.Model, glyph: costGlyph(i)})
	}
	return legend
}

// RunTable returns the header and the rows of a table of models: parameters,
// seconds of training (the mean over the seeds), test accuracy in per cent, its
// mean and range over the seeds, and the number of seeds.
func RunTable(runs ...Runs) (header []string, rows [][]string, err error) {
	if err := checkRuns(runs); err != nil {
		return nil, nil, fmt.Errorf("table of models: %w", err)
	}
	for _, r := range runs {
		mean, low, high := spread(r.Accuracies)
		seconds, _, _ := spread(r.Seconds)
		span := "–"
		if len(r.Accuracies) > 1 {
			span = fmt.Sprintf("%.2f–%.2f", 100*low, 100*high)
		}
		rows = append(rows, []string{
			r.Model, grouped(r.Parameters), fmt.Sprintf("%.1f", seconds), fmt.Sprintf("%.2f", 100*mean), span, fmt.Sprint(len(r.Accuracies)),
		})
	}
	return []string{"model", "parameters", "seconds to train", "test accuracy, %", "range, %", "seeds"}, rows, nil
}

// checkRuns returns an error for values that cannot be compared.
func checkRuns(runs []Runs) error {
	if len(runs) == 0 {
		return errNoValues
	}
	seen := map[string]bool{}
	for i, r := range runs {
		if r.Model == "" || seen[r.Model] {
			return fmt.Errorf("entry %d has the name %q; use a different name for each model", i, r.Model)
		}
		seen[r.Model] = true
		if r.Parameters < 1 {
			return fmt.Errorf("%s has %d parameters, want at least 1", r.Model, r.Parameters)
		}
		if len(r.Accuracies) == 0 {
			return fmt.Errorf("%s: no accuracies: %w", r.Model, errNoValues)
		}
		if len(r.Seconds) != len(r.Accuracies) {
			return fmt.Errorf("%s has %d times for %d accuracies, want one of each for each seed", r.Model, len(r.Seconds), len(r.Accuracies))
		}
		for k, v := range r.Accuracies {
			if !(v >= 0 && v <= 1) { // also catches NaN
				return fmt.Errorf("%s has the accuracy %v, want a number in [0, 1]", r.Model, v)
			}
			if s := r.Seconds[k]; !(s > 0) || math.IsInf(s, 0) {
				return fmt.Errorf("%s took %v seconds, want a number greater than 0", r.Model, s)
			}
		}
	}
	return nil
}

// checkCosts is checkRuns for a chart, in which the models must be distinguished.
func checkCosts(runs []Runs) error {
	if err := checkRuns(runs); err != nil {
		return err
	}
	if len(runs) > maxSeries {
		return fmt.Errorf("%d models, want at most %d, which can be distinguished", len(runs), maxSeries)
	}
	return nil
}

// grouped writes 83658 as 83,658.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
