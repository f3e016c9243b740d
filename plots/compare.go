package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Score is what one model reached.
type Score struct {
	Model      string
	Accuracies []float64 // in [0, 1], one for each seed
	Reference  float64   // in (0, 1], a figure to compare with; 0 if there is none
}

// Compare plots the accuracies of several models, the first on top: a dot at the
// mean over the seeds, a bar from the lowest to the highest, and a diamond just
// below it at the reference value. The numbers stand beside them, in per cent. The axis does
// not begin at zero: positions are to be compared, not lengths. The reference
// is named in the legend, and must have a name if a score has one.
func Compare(title, reference string, scores ...Score) (*Figure, error) {
	if len(scores) == 0 {
		return nil, fmt.Errorf("compare models: no scores: %w", errNoValues)
	}
	low, high := math.Inf(1), math.Inf(-1)
	ranges, references := false, false
	var alternative strings.Builder
	alternative.WriteString(title)
	for i, s := range scores {
		if s.Model == "" {
			return nil, fmt.Errorf("compare models: score %d does not name its model", i)
		}
		if len(s.Accuracies) == 0 {
			return nil, fmt.Errorf("compare models: %s: no accuracies: %w", s.Model, errNoValues)
		}
		values := s.Accuracies
		fmt.Fprintf(&alternative, "\n  %s: %s", s.Model, scoreText(s))
		if len(values) > 1 {
			ranges = true
			fmt.Fprintf(&alternative, " over %d seeds", len(values))
		}
		if s.Reference != 0 {
			if reference == "" {
				return nil, fmt.Errorf("compare models: %s has a reference value, but the reference has no name for the legend", s.Model)
			}
			references = true
			values = append([]float64{s.Reference}, values...)
			fmt.Fprintf(&alternative, "; %s: %.1f %%", reference, 100*s.Reference)
		}
		for _, v := range values {
			if !(v >= 0 && v <= 1) { // also catches NaN
				return nil, fmt.Errorf("compare models: %s has the accuracy %v, expected a number in [0, 1]", s.Model, v)
			}
			low, high = min(low, v), max(high, v)
		}
	}

	p := newPlot(title, "accuracy (%)", "")
	g := grid()
	g.Horizontal.Width = 0
	p.Add(g)
	room := max((high-low)*0.08, 0.005)
	p.X.Min, p.X.Max = 100*max(low-room, 0), 100*min(high+room, 1)
	p.X.Tick.Marker = roundTicks{}
	p.Y.Min, p.Y.Max = -float64(len(scores))+0.4, 0.6
	nameWidth := vg.Length(0)
	var means, asked plotter.XYs
	for i, s := range scores {
		y := -float64(i)
		nameWidth = max(nameWidth, style(textSize, false).Width(s.Model))
		mean, lowest, highest := spread(s.Accuracies)
		bar, err := plotter.NewLine(plotter.XYs{{X: 100 * lowest, Y: y}, {X: 100 * highest, Y: y}})
		if err != nil {
			return nil, fmt.Errorf("compare models: %w", err)
		}
		bar.LineStyle = draw.LineStyle{Color: skyBlue, Width: 6 * px}
		p.Add(bar)
		means = append(means, plotter.XY{X: 100 * mean, Y: y})
		if s.Reference != 0 {
			asked = append(asked, plotter.XY{X: 100 * s.Reference, Y: y - 0.3})
		}
	}
	p.HideY() // the names are drawn below, level with the numbers
	meanGlyph := draw.GlyphStyle{Color: blue, Radius: 4.5 * px, Shape: draw.CircleGlyph{}}
	referenceGlyph := draw.GlyphStyle{Color: vermillion, Radius: 4.5 * px, Shape: diamond{}}
	for _, layer := range []struct {
		points plotter.XYs
		glyph  draw.GlyphStyle
	}{{means, meanGlyph}, {asked, referenceGlyph}} {
		if len(layer.points) == 0 {
			continue
		}
		scatter, err := plotter.NewScatter(layer.points)
		if err != nil {
			return nil, fmt.Errorf("compare models: %w", err)
		}
		scatter.GlyphStyle = layer.glyph
		p.Add(scatter)
	}

	var legend []key
	if ranges {
		legend = append(legend, key{
			name:  "mean and range over seeds",
			line:  draw.LineStyle{Color: skyBlue, Width: 6 * px},
			glyph: meanGlyph,
		})
	} else {
		legend = append(legend, key{name: "this run", glyph: meanGlyph})
	}
	if references {
		legend = append(legend, key{name: reference, glyph: referenceGlyph})
	}
	width := figureWidth
	rows := keyRows(legend, width-2*margin)
	const numbers = 132 * px // the column of figures on the right
	footer := vg.Length(len(rows)) * keyHeight
	height := vg.Length(len(scores))*36*px + 84*px + footer
	return newFigure(width, height, alternative.String(), func(c draw.Canvas) {
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

// spread returns the mean, the lowest and the highest value.
func spread(values []float64) (mean, lowest, highest float64) {
	lowest, highest = values[0], values[0]
	for _, v := range values {
		mean += v / float64(len(values))
		lowest, highest = min(lowest, v), max(highest, v)
	}
	return mean, lowest, highest
}

// scoreText writes a score as it stands beside its dot.
func scoreText(s Score) string {
	mean, lowest, highest := spread(s.Accuracies)
	if len(s.Accuracies) == 1 {
		return fmt.Sprintf("%.1f %%", 100*mean)
	}
	return fmt.Sprintf("%.1f %% (%.1f–%.1f)", 100*mean, 100*lowest, 100*highest)
}

// diamond is a hollow square on its corner.
type diamond struct{}

// DrawGlyph draws the diamond.
func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius
	top := vg.Point{X: at.X, Y: at.Y + r}
	c.StrokeLines(draw.LineStyle{Color: s.Color, Width: 2 * px},
		[]vg.Point{top, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}, {X: at.X - r, Y: at.Y}, top})
}
