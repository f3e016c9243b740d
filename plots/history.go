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

// A Series is one line of a history: a value for each of several consecutive
// epochs, of which First is the first.
type Series struct {
	Name   string // shown in the legend; may be empty if there is one series only
	First  int    // the epoch of Values[0]; epoch 0 is before any training
	Values []float64
}

// FromUntrained returns a series that begins with the value before any training,
// at epoch 0, and goes on with the values after epochs 1, 2, …
func FromUntrained(name string, untrained float64, trained ...float64) Series {
	return Series{Name: name, First: 0, Values: append([]float64{untrained}, trained...)}
}

// FromFirstEpoch returns a series of values after epochs 1, 2, …, for what has
// no value before training, such as the training loss.
func FromFirstEpoch(name string, trained ...float64) Series {
	return Series{Name: name, First: 1, Values: trained}
}

// A Panel is one plot of a history: a title, what the y axis shows, and its lines.
type Panel struct {
	Title  string
	YLabel string
	Series []Series
}

// maxSeries is how many lines can be told apart.
const maxSeries = 7

// History plots one or several series over the epochs of a training. Points are
// marked; a single series has '×' marks, several differ in shape and colour.
func History(title, yLabel string, series ...Series) (*Figure, error) {
	return Histories("", Panel{Title: title, YLabel: yLabel, Series: series})
}

// Histories plots one to three panels side by side, such as loss and accuracy,
// for one or several models. Series of the same name look the same in all
// panels, and one legend serves them all. The title above them may be empty.
func Histories(title string, panels ...Panel) (*Figure, error) {
	if len(panels) < 1 || len(panels) > 3 {
		return nil, fmt.Errorf("draw a training history: %d panels, expected 1 to 3", len(panels))
	}
	var names []string // in order of appearance: the legend
	looks := map[string]int{}
	var alternative strings.Builder
	if title != "" {
		fmt.Fprintf(&alternative, "%s\n", title)
	}
	for p, panel := range panels {
		if err := checkPanel(panel); err != nil {
			return nil, fmt.Errorf("draw a training history: panel %d (%q): %w", p, panel.Title, err)
		}
		fmt.Fprintf(&alternative, "%s: %s by epoch", panel.Title, panel.YLabel)
		for _, s := range panel.Series {
			if _, known := looks[s.Name]; !known {
				looks[s.Name] = len(names)
				names = append(names, s.Name)
			}
			describeSeries(&alternative, s)
		}
		if p < len(panels)-1 {
			alternative.WriteByte('\n')
		}
	}
	if len(names) > maxSeries {
		return nil, fmt.Errorf("draw a training history: %d differently named series, expected at most %d, which is how many can be told apart", len(names), maxSeries)
	}

	plots := make([]*plot.Plot, len(panels))
	for i, panel := range panels {
		p, err := historyPlot(panel, looks, len(names) == 1)
		if err != nil {
			return nil, fmt.Errorf("draw a training history: panel %d (%q): %w", i, panel.Title, err)
		}
		plots[i] = p
	}
	var legend []key
	if len(names) > 1 {
		for i, name := range names {
			legend = append(legend, key{name: name, line: seriesLine(i), glyph: seriesGlyph(i, false)})
		}
	}
	width, height := figureWidth, 320*px
	if len(panels) == 1 {
		width = 560 * px
	}
	return sideBySide(title, plots, legend, width, height, alternative.String()), nil
}

// checkPanel reports what cannot be plotted.
func checkPanel(panel Panel) error {
	if len(panel.Series) == 0 {
		return fmt.Errorf("no series: %w", errNoValues)
	}
	seen := map[string]bool{}
	for i, s := range panel.Series {
		if s.Name == "" && len(panel.Series) > 1 {
			return fmt.Errorf("series %d of %d has no name; names tell series apart", i, len(panel.Series))
		}
		if seen[s.Name] {
			return fmt.Errorf("two series are named %q; names tell series apart", s.Name)
		}
		seen[s.Name] = true
		if len(s.Values) == 0 {
			return fmt.Errorf("series %q: %w", s.Name, errNoValues)
		}
		if s.First < 0 {
			return fmt.Errorf("series %q begins at epoch %d, expected 0 (before training) or later", s.Name, s.First)
		}
		for j, v := range s.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("series %q has the value %v at epoch %d; training has diverged or the value was never computed", s.Name, v, s.First+j)
			}
		}
	}
	return nil
}

// describeSeries writes a series for the text alternative.
func describeSeries(b *strings.Builder, s Series) {
	b.WriteString("\n  ")
	if s.Name != "" {
		b.WriteString(s.Name + ": ")
	}
	fmt.Fprintf(b, "epoch %d", s.First)
	if len(s.Values) > 1 {
		fmt.Fprintf(b, " to %d", s.First+len(s.Values)-1)
	}
	b.WriteString(":")
	for _, v := range s.Values {
		b.WriteString(" " + strconv.FormatFloat(v, 'g', 4, 64))
	}
}

// historyPlot draws one panel.
func historyPlot(panel Panel, looks map[string]int, single bool) (*plot.Plot, error) {
	xLabel := "epoch"
	p := newPlot(panel.Title, xLabel, panel.YLabel)
	p.Add(grid())
	last, lowest, highest := 0, math.Inf(1), math.Inf(-1)
	for _, s := range panel.Series {
		points := make(plotter.XYs, len(s.Values))
		for i, v := range s.Values {
			points[i] = plotter.XY{X: float64(s.First + i), Y: v}
			lowest, highest = min(lowest, v), max(highest, v)
		}
		last = max(last, s.First+len(s.Values)-1)
		if s.First == 0 {
			p.X.Label.Text = "epoch (0: before training)"
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		line.LineStyle = seriesLine(looks[s.Name])
		marks.GlyphStyle = seriesGlyph(looks[s.Name], single)
		p.Add(line, marks)
	}
	p.X.Min, p.X.Max = 0, float64(max(last, 1))
	p.X.Tick.Marker = epochTicks{}
	// Room above and below, so that marks at the ends are whole, and a flat line
	// gets an axis at all.
	room := (highest - lowest) * 0.05
	if room == 0 {
		room = max(math.Abs(highest)*0.05, 1e-6)
	}
	p.Y.Min, p.Y.Max = lowest-room, highest+room
	if lowest >= 0 {
		p.Y.Min = max(p.Y.Min, 0)
	}
	p.Y.Tick.Marker = roundTicks{}
	return p, nil
}

// seriesLine returns the line of the i-th series.
func seriesLine(i int) draw.LineStyle {
	return draw.LineStyle{Color: seriesColors[i%len(seriesColors)], Width: 1.75 * px}
}

// seriesGlyph returns the mark of the i-th series. The first is a cross, as in
// the plots of the homework.
func seriesGlyph(i int, single bool) draw.GlyphStyle {
	shapes := []draw.GlyphDrawer{boldCross{}, draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.RingGlyph{}, draw.TriangleGlyph{}, draw.PlusGlyph{}}
	s := draw.GlyphStyle{Color: seriesColors[i%len(seriesColors)], Radius: 3.5 * px, Shape: shapes[i%len(shapes)]}
	if single {
		s.Radius = 4 * px
	}
	return s
}

// boldCross is an '×' with lines as thick as those of the series; gonum's own
// is a hair line.
type boldCross struct{}

// DrawGlyph draws the cross.
func (boldCross) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius
	c.StrokeLines(draw.LineStyle{Color: s.Color, Width: 1.75 * px},
		[]vg.Point{{X: at.X - r, Y: at.Y - r}, {X: at.X + r, Y: at.Y + r}},
		[]vg.Point{{X: at.X - r, Y: at.Y + r}, {X: at.X + r, Y: at.Y - r}})
}

// epochTicks puts ticks on whole epochs only, at most about ten numbers.
type epochTicks struct{}

// Ticks returns the ticks between two epochs.
func (epochTicks) Ticks(low, high float64) []plot.Tick {
	first, last := int(math.Ceil(low-1e-9)), int(math.Floor(high+1e-9))
	step := 1
	for _, s := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000} {
		step = s
		if (last-first)/s <= 11 {
			break
		}
	}
	var ticks []plot.Tick
	for i := (first + step - 1) / step * step; i <= last; i += step {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(i)})
	}
	return ticks
}

// roundTicks puts four to eight ticks at multiples of 1, 2 or 5 times a power
// of ten, all with the same number of decimals.
type roundTicks struct{}

// Ticks returns the ticks between two values.
func (roundTicks) Ticks(low, high float64) []plot.Tick {
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: strconv.FormatFloat(low, 'g', 4, 64)}}
	}
	power := math.Floor(math.Log10((high - low) / 4))
	step := math.Pow(10, power)
	for _, factor := range []float64{1, 2, 5, 10} {
		step = factor * math.Pow(10, power)
		if (high-low)/step <= 7 {
			break
		}
	}
	decimals := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		if i == 0 {
			i = 0 // not -0, which Ceil makes of small negative numbers and which would be printed
		}
		label := strconv.FormatFloat(i*step, 'f', decimals, 64)
		if decimals > 6 || math.Abs(high) >= 1e6 {
			label = strconv.FormatFloat(i*step, 'g', 4, 64)
		}
		ticks = append(ticks, plot.Tick{Value: i * step, Label: strings.Replace(label, "-", "−", 1)})
	}
	return ticks
}
