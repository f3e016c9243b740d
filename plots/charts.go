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

// chartKind holds the differences between curves and histories; both are one to three charts.
type chartKind struct {
	task, chart, curve, curves string // what errors call them

	height vg.Length
	marked int  // curves with at most this many points show each of them as a mark
	bold   bool // the mark of a single curve is larger

	// check reports points that cannot be plotted, describe writes a curve for the text
	// alternative, and xAxis sets the axis up.
	check    func(Chart, Curve) error
	describe func(*strings.Builder, Curve)
	xAxis    func(*plot.Plot, Chart)
}

// maxSeries is the largest number of lines that can be distinguished.
const maxSeries = 7

// figure draws charts side by side. Curves of the same name look the same in all of them,
// and one legend serves them all.
func (k chartKind) figure(title string, charts []Chart) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf(k.task+": "+format, args...)
	}
	if len(charts) < 1 || len(charts) > 3 {
		return fail("%d %ss, want 1 to 3", len(charts), k.chart)
	}
	for i, chart := range charts {
		if err := k.checkChart(chart); err != nil {
			return fail("%s %d (%q): %w", k.chart, i, chart.Title, err)
		}
	}
	names, looks := legendNames(charts)
	if len(names) > maxSeries {
		return fail("%d differently named %s, want at most %d, which can be distinguished", len(names), k.curves, maxSeries)
	}
	plots := make([]*plot.Plot, len(charts))
	for i, chart := range charts {
		p, err := k.plot(chart, looks)
		if err != nil {
			return fail("%s %d (%q): %w", k.chart, i, chart.Title, err)
		}
		plots[i] = p
	}
	var legend []key
	if len(names) > 1 {
		for i, name := range names {
			legend = append(legend, key{name: name, line: seriesLine(i), glyph: seriesGlyph(i, false)})
		}
	}
	width := figureWidth
	if len(charts) == 1 {
		width = 560 * px
	}
	return sideBySide(title, plots, legend, width, k.height, k.alternative(title, charts)), nil
}

// checkChart returns an error for values that cannot be plotted.
func (k chartKind) checkChart(chart Chart) error {
	if len(chart.Curves) == 0 {
		return fmt.Errorf("no %s: %w", k.curves, errNoValues)
	}
	seen := map[string]bool{}
	for i, c := range chart.Curves {
		if c.Name == "" && len(chart.Curves) > 1 {
			return fmt.Errorf("%s %d of %d has no name; name it, to distinguish the %s", k.curve, i, len(chart.Curves), k.curves)
		}
		if seen[c.Name] {
			return fmt.Errorf("two %s have the name %q; use different names, to distinguish the %s", k.curves, c.Name, k.curves)
		}
		seen[c.Name] = true
		if len(c.X) == 0 {
			return fmt.Errorf("%s %q: %w", k.curve, c.Name, errNoValues)
		}
		if err := k.check(chart, c); err != nil {
			return fmt.Errorf("%s %q %w", k.curve, c.Name, err)
		}
	}
	if v := chart.Vertical; v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0) || chart.LogX && *v <= 0) {
		return fmt.Errorf("the vertical line is at %v, want a place on the axis", *v)
	}
	return nil
}

// legendNames returns the curves' names in order of appearance, and the position of each name.
func legendNames(charts []Chart) (names []string, looks map[string]int) {
	looks = map[string]int{}
	for _, chart := range charts {
		for _, c := range chart.Curves {
			if _, known := looks[c.Name]; !known {
				looks[c.Name] = len(names)
				names = append(names, c.Name)
			}
		}
	}
	return names, looks
}

// alternative returns the text alternative of charts.
func (k chartKind) alternative(title string, charts []Chart) string {
	var b strings.Builder
	if title != "" {
		fmt.Fprintf(&b, "%s\n", title)
	}
	for i, chart := range charts {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s by %s", chart.Title, chart.YLabel, chart.XLabel)
		for _, c := range chart.Curves {
			b.WriteString("\n  ")
			if c.Name != "" {
				b.WriteString(c.Name + ": ")
			}
			k.describe(&b, c)
		}
	}
	return b.String()
}

// plot draws one chart.
func (k chartKind) plot(chart Chart, looks map[string]int) (*plot.Plot, error) {
	p := newPlot(chart.Title, chart.XLabel, chart.YLabel)
	p.Add(grid())
	k.xAxis(p, chart)
	chart.yAxis(p)
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
		switch {
		case len(points) <= k.marked:
		case len(chart.Curves) > 1:
			marks.XYs = fewOf(points)
		default:
			continue
		}
		marks.GlyphStyle = seriesGlyph(looks[c.Name], k.bold && len(looks) == 1)
		p.Add(marks)
	}
	return p, nil
}

// fewOf returns five points of a long curve. Their marks distinguish it from the others
// without colour.
func fewOf(points plotter.XYs) plotter.XYs {
	few := make(plotter.XYs, 0, 5)
	for i := range 5 {
		few = append(few, points[(2*i+1)*(len(points)-1)/10])
	}
	return few
}

// yAxis sets up the y axis, with a margin above and below. So marks at the ends are
// complete, and the axis of a flat line has a length.
func (chart Chart) yAxis(p *plot.Plot) {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, c := range chart.Curves {
		for _, y := range c.Y {
			lowest, highest = min(lowest, y), max(highest, y)
		}
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
		drawTitle(c, title)
		inner := draw.Crop(c, margin, -margin, margin+footer, -margin-header)
		for i, area := range inColumns(inner, len(plots)) {
			plots[i].Draw(area)
		}
		drawKeys(c, rows, vg.Point{X: c.Center().X, Y: c.Min.Y + margin/2})
	})
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

// boldCross is an '×' with lines as thick as those of the series. gonum's has hairlines.
type boldCross struct{}

// DrawGlyph draws the cross.
func (boldCross) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, at vg.Point) {
	r := s.Radius
	c.StrokeLines(draw.LineStyle{Color: s.Color, Width: 1.75 * px},
		[]vg.Point{{X: at.X - r, Y: at.Y - r}, {X: at.X + r, Y: at.Y + r}},
		[]vg.Point{{X: at.X - r, Y: at.Y + r}, {X: at.X + r, Y: at.Y - r}})
}
