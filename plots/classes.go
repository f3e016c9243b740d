package plots

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ClassScores are one model's accuracies by class.
type ClassScores struct {
	Model      string
	Accuracies []float64 // in [0, 1], one for each class
}

// Classes plots the accuracy in each class, in per cent, for one to seven
// models: a line for each class, the class that the first model finds hardest
// on top, with a mark in a different shape and colour for each model. The axis does not begin
// at zero, since readers compare positions, not lengths.
func Classes(title string, names []string, models ...ClassScores) (*Figure, error) {
	if err := checkClasses(names, models); err != nil {
		return nil, fmt.Errorf("plot accuracies by class: %w", err)
	}
	order := hardestFirst(models[0].Accuracies)
	p, legend, err := classesPlot(title, order, models)
	if err != nil {
		return nil, fmt.Errorf("plot accuracies by class: %w", err)
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	for _, k := range order {
		fmt.Fprintf(&alternative, "\n  %-12s", names[k])
		for _, m := range models {
			fmt.Fprintf(&alternative, " %s %.1f %%", m.Model, 100*m.Accuracies[k])
		}
	}
	nameWidth := widest(style(textSize, false), names)
	rows := keyRows(legend, figureWidth-2*margin)
	footer := vg.Length(len(rows)) * keyHeight
	height := vg.Length(len(names))*24*px + 84*px + footer
	return newFigure(figureWidth, height, alternative.String(), func(c draw.Canvas) {
		area := draw.Crop(c, margin+nameWidth+14*px, -margin-12*px, margin+footer, -margin)
		p.Draw(area)
		data := p.DataCanvas(area)
		_, y := p.Transforms(&data)
		for line, k := range order {
			c.FillText(aligned(style(textSize, false), draw.XRight, draw.YCenter), vg.Point{X: data.Min.X - 12*px, Y: y(-float64(line)) + px}, names[k])
		}
		drawKeys(c, rows, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2})
	}), nil
}

// checkClasses returns an error for values that cannot be plotted.
func checkClasses(names []string, models []ClassScores) error {
	if len(names) == 0 || len(models) == 0 {
		return fmt.Errorf("%d classes and %d models: %w", len(names), len(models), errNoValues)
	}
	if len(names) > 40 || len(models) > maxSeries {
		return fmt.Errorf("%d classes and %d models, want at most 40 and %d", len(names), len(models), maxSeries)
	}
	seen := map[string]bool{}
	for i, m := range models {
		if m.Model == "" || seen[m.Model] {
			return fmt.Errorf("model %d has the name %q; use a different name for each model", i, m.Model)
		}
		seen[m.Model] = true
		if len(m.Accuracies) != len(names) {
			return fmt.Errorf("%s has %d accuracies for %d classes, want equally many", m.Model, len(m.Accuracies), len(names))
		}
		for k, v := range m.Accuracies {
			if !(v >= 0 && v <= 1) { // also catches NaN
				return fmt.Errorf("%s has the accuracy %v in class %d (%s), want a number in [0, 1]", m.Model, v, k, names[k])
			}
		}
	}
	return nil
}

// hardestFirst lists the classes from the lowest accuracy to the highest.
func hardestFirst(accuracies []float64) []int {
	order := make([]int, len(accuracies))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(accuracies[a], accuracies[b]) })
	return order
}

// classesPlot draws a line for each class and a mark for each model on it.
func classesPlot(title string, order []int, models []ClassScores) (*plot.Plot, []key, error) {
	low, high := 1.0, 0.0
	for _, m := range models {
		low, high = min(low, slices.Min(m.Accuracies)), max(high, slices.Max(m.Accuracies))
	}
	p := accuracyPlot(title, "accuracy on the images of the class (%)", low, high, max((high-low)*0.05, 0.01), len(order))
	for line, k := range order { // from the worst model to the best
		worst, best := 1.0, 0.0
		for _, m := range models {
			worst, best = min(worst, m.Accuracies[k]), max(best, m.Accuracies[k])
		}
		between, err := plotter.NewLine(plotter.XYs{{X: 100 * worst, Y: -float64(line)}, {X: 100 * best, Y: -float64(line)}})
		if err != nil {
			return nil, nil, err
		}
		between.LineStyle = draw.LineStyle{Color: gridDark, Width: 1.5 * px}
		p.Add(between)
	}
	var legend []key
	for i, m := range models {
		var points plotter.XYs
		for line, k := range order {
			points = append(points, plotter.XY{X: 100 * m.Accuracies[k], Y: -float64(line)})
		}
		scatter, err := plotter.NewScatter(points)
		if err != nil {
			return nil, nil, err
		}
		scatter.GlyphStyle = seriesGlyph(i, false)
		scatter.GlyphStyle.Radius = 4.5 * px
		p.Add(scatter)
		legend = append(legend, key{name: m.Model, glyph: scatter.GlyphStyle})
	}
	return p, legend, nil
}

// accuracyPlot returns a plot of rows, the first on top, with accuracies in per cent
// along the x axis, which has a margin beyond the lowest and the highest of them.
func accuracyPlot(title, xLabel string, low, high, room float64, rows int) *plot.Plot {
	p := newPlot(title, xLabel, "")
	g := grid()
	g.Horizontal.Width = 0
	p.Add(g)
	p.X.Min, p.X.Max = 100*max(low-room, 0), 100*min(high+room, 1)
	p.X.Tick.Marker = roundTicks{}
	p.Y.Min, p.Y.Max = -float64(rows)+0.4, 0.6
	p.HideY() // the names are drawn next to it
	return p
}
