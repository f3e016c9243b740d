package plots

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Reference is an accuracy to compare with, of which no time is known.
type Reference struct {
	Name     string
	Accuracy float64 // in [0, 1]
}

// Minutes plots the accuracy of one to seven models as a function of the minutes of their training, on a
// logarithmic axis, as TradeOff does, in one wide chart. A reference is a dashed line across it, with its name
// and accuracy above it, at the left. If this would overlap the name of the line below, it is at the other end.
func Minutes(title string, references []Reference, runs ...Runs) (*Figure, error) {
	if err := checkCosts(runs); err != nil {
		return nil, fmt.Errorf("plot minutes: %w", err)
	}
	minutes := func(r Runs) float64 { mean, _, _ := spread(r.Seconds); return mean / 60 }
	p, err := costs(runs, "minutes to train (logarithmic)", "accuracy (%)", minutes)
	if err != nil {
		return nil, fmt.Errorf("plot minutes: %w", err)
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	for _, r := range runs {
		fmt.Fprintf(&alternative, "\n  %s: %.1f minutes, accuracy %s", r.Model, minutes(r), scoreText(Score{Accuracies: r.Accuracies}))
	}
	lines := slices.Clone(references)
	slices.SortStableFunc(lines, func(a, b Reference) int { return cmp.Compare(a.Accuracy, b.Accuracy) })
	for _, l := range lines {
		if l.Name == "" || !(l.Accuracy >= 0 && l.Accuracy <= 1) {
			return nil, fmt.Errorf("plot minutes: reference %q of %v, want a name and a number in [0, 1]", l.Name, l.Accuracy)
		}
		p.Y.Min, p.Y.Max = min(p.Y.Min, 100*l.Accuracy-0.5), min(max(p.Y.Max, 100*l.Accuracy+0.8), 100)
		fmt.Fprintf(&alternative, "\n  for comparison: %s %.1f %%", l.Name, 100*l.Accuracy)
	}
	apart := (p.Y.Max - p.Y.Min) / 24 // the height of a name
	ends := rightEnds(lines, apart)
	for i, l := range lines {
		y := 100 * l.Accuracy
		line, err := plotter.NewLine(plotter.XYs{{X: p.X.Min, Y: y}, {X: p.X.Max, Y: y}})
		if err != nil {
			return nil, fmt.Errorf("plot minutes: %w", err)
		}
		line.LineStyle = draw.LineStyle{Color: mutedInk, Width: 1.25 * px, Dashes: []vg.Length{5 * px, 4 * px}}
		at, side := p.X.Min, draw.XLeft
		if ends[i] {
			at, side = p.X.Max, draw.XRight
		}
		name, err := plotter.NewLabels(plotter.XYLabels{
			XYs: plotter.XYs{{X: at, Y: y}}, Labels: []string{fmt.Sprintf("%s: %.1f %%", l.Name, y)},
		})
		if err != nil {
			return nil, fmt.Errorf("plot minutes: %w", err)
		}
		name.TextStyle[0] = aligned(style(textSize, false), side, draw.YBottom)
		name.Offset.Y = 3 * px // descenders stay above the line
		p.Add(line, name)
	}
	return costFigure(title, alternative.String(), 510*px, runs, p.Draw), nil
}

// rightEnds returns which names stand at the right end: those whose lines are less than apart per cent above a
// line with its name at the left end. The lines are in the order of their accuracies.
func rightEnds(lines []Reference, apart float64) []bool {
	ends := make([]bool, len(lines))
	for i := 1; i < len(lines); i++ {
		ends[i] = !ends[i-1] && 100*(lines[i].Accuracy-lines[i-1].Accuracy) < apart
	}
	return ends
}
