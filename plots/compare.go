package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Score is the accuracy of one model over one or several seeds.
type Score struct {
	Model      string
	Accuracies []float64 // in [0, 1], one for each seed
	Reference  float64   // in (0, 1], a value to compare with; 0 if there is none
}

// Compare plots the accuracies of several models, the first on top: a dot at the
// mean over the seeds, a bar from the lowest to the highest, and a diamond just
// below it at the reference value. The numbers are next to them, in per cent. The axis does
// not begin at zero, since readers compare positions, not lengths. reference is the
// name of the reference values in the legend; it must not be empty if there are any.
func Compare(title, reference string, scores ...Score) (*Figure, error) {
	if err := checkScores(reference, scores); err != nil {
		return nil, fmt.Errorf("compare models: %w", err)
	}
	p, legend, err := scoresPlot(title, reference, scores)
	if err != nil {
		return nil, fmt.Errorf("compare models: %w", err)
	}
	names := make([]string, len(scores))
	for i, s := range scores {
		names[i] = s.Model
	}
	nameWidth := widest(style(textSize, false), names)
	rows := keyRows(legend, figureWidth-2*margin)
	const numbers = 132 * px // the column of figures on the right
	footer := vg.Length(len(rows)) * keyHeight
	height := vg.Length(len(scores))*36*px + 84*px + footer
	return newFigure(figureWidth, height, describeScores(title, reference, scores), func(c draw.Canvas) {
		area := draw.Crop(c, margin+nameWidth+14*px, -margin-numbers, margin+footer, -margin)
		p.Draw(area)
		data := p.DataCanvas(area)
		_, y := p.Transforms(&data)
		for i, s := range scores {
			label, level := style(textSize, false), y(-float64(i))+px
			c.FillText(aligned(label, draw.XRight, draw.YCenter), vg.Point{X: data.Min.X - 14*px, Y: level}, s.Model)
			c.FillText(aligned(label, draw.XLeft, draw.YCenter), vg.Point{X: data.Max.X + 14*px, Y: level}, scoreText(s))
		}
		drawKeys(c, rows, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2})
	}), nil
}

// checkScores returns an error for values that cannot be plotted.
func checkScores(reference string, scores []Score) error {
	if len(scores) == 0 {
		return fmt.Errorf("no scores: %w", errNoValues)
	}
	for i, s := range scores {
		if s.Model == "" {
			return fmt.Errorf("score %d has no model name", i)
		}
		if len(s.Accuracies) == 0 {
			return fmt.Errorf("%s: no accuracies: %w", s.Model, errNoValues)
		}
		if s.Reference != 0 && reference == "" {
			return fmt.Errorf("%s has a reference value, want a name of the reference for the legend", s.Model)
		}
		for _, v := range s.values() {
			if !(v >= 0 && v <= 1) { // also catches NaN
				return fmt.Errorf("%s has the accuracy %v, want a number in [0, 1]", s.Model, v)
			}
		}
	}
	return nil
}

// values returns the accuracies and the reference value.
func (s Score) values() []float64 {
	if s.Reference == 0 {
		return s.Accuracies
	}
	return append([]float64{s.Reference}, s.Accuracies...)
}

// describeScores is the text alternative.
func describeScores(title, reference string, scores []Score) string {
	var b strings.Builder
	b.WriteString(title)
	for _, s := range scores {
		fmt.Fprintf(&b, "\n  %s: %s", s.Model, scoreText(s))
		if len(s.Accuracies) > 1 {
			fmt.Fprintf(&b, " over %d seeds", len(s.Accuracies))
		}
		if s.Reference != 0 {
			fmt.Fprintf(&b, "; %s: %.1f %%", reference, 100*s.Reference)
		}
	}
	return b.String()
}

// scoresPlot draws each model's bar, dot and diamond.
func scoresPlot(title, reference string, scores []Score) (*plot.Plot, []key, error) {
	low, high, ranges := math.Inf(1), math.Inf(-1), false
	for _, s := range scores {
		low, high = min(low, slices.Min(s.values())), max(high, slices.Max(s.values()))
		ranges = ranges || len(s.Accuracies) > 1
	}
	p := accuracyPlot(title, "accuracy (%)", low, high, max((high-low)*0.08, 0.005), len(scores))
	barLine := draw.LineStyle{Color: skyBlue, Width: 6 * px}
	var means, asked plotter.XYs
	for i, s := range scores {
		y := -float64(i)
		mean, lowest, highest := spread(s.Accuracies)
		bar, err := plotter.NewLine(plotter.XYs{{X: 100 * lowest, Y: y}, {X: 100 * highest, Y: y}})
		if err != nil {
			return nil, nil, err
		}
		bar.LineStyle = barLine
		p.Add(bar)
		means = append(means, plotter.XY{X: 100 * mean, Y: y})
		if s.Reference != 0 {
			asked = append(asked, plotter.XY{X: 100 * s.Reference, Y: y - 0.3})
		}
	}
	legend := []key{{name: "this run", glyph: draw.GlyphStyle{Color: blue, Radius: 4.5 * px, Shape: draw.CircleGlyph{}}}}
	if ranges {
		legend[0].name, legend[0].line = "mean and range over seeds", barLine
	}
	layers := []plotter.XYs{means}
	if len(asked) > 0 {
		layers = append(layers, asked)
		legend = append(legend, key{name: reference, glyph: draw.GlyphStyle{Color: vermillion, Radius: 4.5 * px, Shape: diamond{}}})
	}
	for i, points := range layers {
		scatter, err := plotter.NewScatter(points)
		if err != nil {
			return nil, nil, err
		}
		scatter.GlyphStyle = legend[i].glyph
		p.Add(scatter)
	}
	return p, legend, nil
}

// spread returns the mean, the lowest and the highest value.
func spread(values []float64) (mean, lowest, highest float64) {
	lowest, highest = values[0], values[0]
	for _, v := range values {
		mean += v / float64(len(values))
		lowest, highest = min(lowest, v), max(highest, v)
	}
	return mean, lowest, highest
}

// scoreText writes a score for the place next to its dot.
func scoreText(s Score) string {
	mean, lowest, highest := spread(s.Accuracies)
	if len(s.Accuracies) == 1 {
		return fmt.Sprintf("%.1f %%", 100*mean)
	}
	return fmt.Sprintf("%.1f %% (%.1f–%.1f)", 100*mean, 100*lowest, 100*highest)
}

// diamond is the outline of a square that stands on a corner.
type diamond struct{}

// DrawGlyph draws the diamond.
func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius
	top := vg.Point{X: at.X, Y: at.Y + r}
	c.StrokeLines(draw.LineStyle{Color: s.Color, Width: 2 * px},
		[]vg.Point{top, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}, {X: at.X - r, Y: at.Y}, top})
}
