package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion draws a confusion matrix: counts[i][j] is the number of images of class i
// that were classified as class j. The shading of a cell depends on its share of the
// row's images, so classes of different sizes can be compared. Correct predictions, on
// the framed diagonal, are blue. Mistakes are orange, which deepens with the square
// root of the share, since they are few. The recall, at the right of each row, is the
// share of the class's images that were classified correctly. The precision, below each
// column, is the share of correct predictions among all predictions of the class. Both
// are in per cent.
//
// There must be 2 to 20 classes, as many rows and columns as names, and no
// negative counts.
func Confusion(title string, names []string, counts [][]int) (*Figure, error) {
	if err := checkConfusion(names, counts); err != nil {
		return nil, fmt.Errorf("draw a confusion matrix: %w", err)
	}
	m := confusionMatrix{names: names, counts: counts}
	m.count()
	return m.layout(title), nil
}

// checkConfusion returns an error for values that cannot be drawn.
func checkConfusion(names []string, counts [][]int) error {
	n := len(names)
	if n < 2 || n > 20 {
		return fmt.Errorf("%d classes, want 2 to 20", n)
	}
	if len(counts) != n {
		return fmt.Errorf("%d rows for %d classes, want equally many", len(counts), n)
	}
	total := 0
	for i, row := range counts {
		if len(row) != n {
			return fmt.Errorf("row %d (%s) has %d columns for %d classes, want equally many", i, names[i], len(row), n)
		}
		for j, count := range row {
			if count < 0 {
				return fmt.Errorf("row %d (%s), column %d (%s): %d images, want at least 0", i, names[i], j, names[j], count)
			}
			total += count
		}
	}
	if total == 0 {
		return fmt.Errorf("all counts are 0: %w", errNoValues)
	}
	return nil
}

// confusionMatrix is the matrix that is drawn.
type confusionMatrix struct {
	names  []string
	counts [][]int

	rowSums           []int
	total, right      int
	recall, precision []string // in per cent

	// left and top are the upper left corner of the cells, side is the side of a cell.
	left, top, side vg.Length
}

// count adds up rows and columns.
func (m *confusionMatrix) count() {
	n := len(m.names)
	m.rowSums = make([]int, n)
	columnSums := make([]int, n)
	for i, row := range m.counts {
		for j, count := range row {
			m.rowSums[i] += count
			columnSums[j] += count
			m.total += count
		}
		m.right += row[i]
	}
	for i := range n {
		m.recall = append(m.recall, percentOf(m.counts[i][i], m.rowSums[i]))
		m.precision = append(m.precision, percentOf(m.counts[i][i], columnSums[i]))
	}
}

// alternative is the text alternative.
func (m *confusionMatrix) alternative(title string) string {
	var b strings.Builder
	if title != "" {
		b.WriteString(title + "\n")
	}
	fmt.Fprintf(&b, "%d of %d images right (%s %%)", m.right, m.total, percentOf(m.right, m.total))
	for i, name := range m.names {
		fmt.Fprintf(&b, "\n  %s: %s %% right", name, m.recall[i])
		if j := mostConfused(m.counts[i], i); m.counts[i][j] > 0 && j != i {
			fmt.Fprintf(&b, ", most often taken for %s (%d)", m.names[j], m.counts[i][j])
		}
	}
	return b.String()
}

// layout computes the sizes and returns the figure, which is drawn when it is written.
func (m confusionMatrix) layout(title string) *Figure {
	nameWidth := widest(style(textSize, false), m.names)
	const (
		axisName = 34 * px // room for "true class"
		shares   = 64 * px // and for the column on the right
	)
	n := vg.Length(len(m.names))
	m.side = min(46*px, (figureWidth-2*margin-nameWidth-axisName-shares)/n)
	m.side = vg.Length(int(m.side/px)) * px
	header := vg.Length(0)
	if title != "" {
		header = 28 * px
	}
	columnNames := nameWidth + 10*px // their names are upright
	height := header + 20*px + columnNames + m.side*n + 40*px + 2*margin
	nameWidth = max(nameWidth, style(smallSize, false).Width("precision, %")-axisName+10*px)
	width := max(2*margin+axisName+nameWidth+m.side*n+shares, style(titleSize, true).Width(title)+2*margin)
	return newFigure(width, height, m.alternative(title), func(c draw.Canvas) {
		drawTitle(c, title)
		m := m // a figure may be drawn twice at the same time
		m.left = wholePixels(c.Min.X+margin+axisName+nameWidth) + px/2
		m.top = wholePixels(c.Max.Y-margin-header-20*px-columnNames) - px/2
		c.FillText(aligned(style(textSize, true), draw.XCenter, draw.YTop), vg.Point{X: m.left + m.side*n/2, Y: c.Max.Y - margin - header}, "predicted class")
		upright := aligned(style(textSize, true), draw.XCenter, draw.YTop)
		upright.Rotation = math.Pi / 2
		c.FillText(upright, vg.Point{X: c.Min.X + margin, Y: m.top - m.side*n/2}, "true class")
		m.drawNames(c)
		m.drawCells(c)
	})
}

// drawNames draws the labels around the cells: the names, the recall and the precision.
func (m *confusionMatrix) drawNames(c draw.Canvas) {
	names, numbers, small := style(textSize, false), style(smallSize, false), style(smallSize, false)
	small.Color = mutedInk
	whole := m.side * vg.Length(len(m.names))
	for i, name := range m.names {
		at := (vg.Length(i) + 0.5) * m.side
		c.FillText(aligned(names, draw.XRight, draw.YCenter), vg.Point{X: m.left - 8*px, Y: m.top - at}, name)
		turned := aligned(names, draw.XLeft, draw.YCenter)
		turned.Rotation = math.Pi / 2
		c.FillText(turned, vg.Point{X: m.left + at, Y: m.top + 6*px}, name)
		c.FillText(aligned(numbers, draw.XRight, draw.YCenter), vg.Point{X: m.left + whole + 52*px, Y: m.top - at}, m.recall[i])
		c.FillText(aligned(numbers, draw.XCenter, draw.YTop), vg.Point{X: m.left + at, Y: m.top - whole - 6*px}, m.precision[i])
	}
	c.FillText(aligned(small, draw.XRight, draw.YBottom), vg.Point{X: m.left + whole + 58*px, Y: m.top + 6*px}, "recall, %")
	c.FillText(aligned(small, draw.XRight, draw.YTop), vg.Point{X: m.left - 8*px, Y: m.top - whole - 6*px}, "precision, %")
}

// drawCells draws the counts, a grid, and frames around the diagonal.
func (m *confusionMatrix) drawCells(c draw.Canvas) {
	cell := func(i, j int) vg.Rectangle {
		return vg.Rectangle{
			Min: vg.Point{X: m.left + vg.Length(j)*m.side, Y: m.top - vg.Length(i+1)*m.side},
			Max: vg.Point{X: m.left + vg.Length(j+1)*m.side, Y: m.top - vg.Length(i)*m.side},
		}
	}
	number := aligned(style(smallSize, false), draw.XCenter, draw.YCenter)
	for i, row := range m.counts {
		for j, count := range row {
			box := cell(i, j)
			share := float64(count) / float64(max(m.rowSums[i], 1))
			fill := between(paper, orange, math.Sqrt(share))
			if i == j {
				fill = between(paper, skyBlue, share) // light enough for dark text
			}
			c.SetColor(fill)
			c.Fill(box.Path())
			if count > 0 {
				c.FillText(number, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, fmt.Sprint(count))
			}
		}
	}
	line := draw.LineStyle{Color: gridGrey, Width: px}
	n := len(m.names)
	whole := m.side * vg.Length(n)
	for i := range n + 1 {
		at := vg.Length(i) * m.side
		c.StrokeLine2(line, m.left, m.top-at, m.left+whole, m.top-at)
		c.StrokeLine2(line, m.left+at, m.top, m.left+at, m.top-whole)
	}
	for i := range n {
		strokeRectangle(c, draw.LineStyle{Color: ink, Width: 1.25 * px}, cell(i, i))
	}
}

// percentOf writes a share in per cent with one decimal.
func percentOf(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", 100*float64(part)/float64(whole))
}

// mostConfused returns the column of the largest count outside of the diagonal.
func mostConfused(row []int, diagonal int) int {
	best := diagonal
	for j, count := range row {
		if j != diagonal && (best == diagonal || count > row[best]) {
			best = j
		}
	}
	return best
}
