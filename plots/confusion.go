package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion draws a confusion matrix: counts[i][j] is how many images of class i
// were taken for class j. Each row is shaded by the share of its images, so that
// classes of different size compare: what is right, on the framed diagonal, in
// blue, and what is wrong in orange, which deepens with the square root of the
// share, since mistakes are few. At the right of each row stands the recall, the
// share of the class's images that are right, below each column the precision, the share of
// right ones among all that were taken for the class, both in per cent.
//
// There must be 2 to 20 classes, as many rows and columns as names, and no
// negative counts.
func Confusion(title string, names []string, counts [][]int) (*Figure, error) {
	fail := func(format string, args ...any) (*Figure, error) {
		return nil, fmt.Errorf("draw a confusion matrix: "+format, args...)
	}
	n := len(names)
	if n < 2 || n > 20 {
		return fail("%d classes, expected 2 to 20", n)
	}
	if len(counts) != n {
		return fail("%d rows for %d classes, expected equally many", len(counts), n)
	}
	rowSums, columnSums := make([]int, n), make([]int, n)
	total, right := 0, 0
	for i, row := range counts {
		if len(row) != n {
			return fail("row %d (%s) has %d columns for %d classes, expected equally many", i, names[i], len(row), n)
		}
		for j, count := range row {
			if count < 0 {
				return fail("row %d (%s), column %d (%s): %d images, expected at least 0", i, names[i], j, names[j], count)
			}
			rowSums[i] += count
			columnSums[j] += count
			total += count
		}
		right += row[i]
	}
	if total == 0 {
		return fail("all counts are 0: %w", errNoValues)
	}
	recall, precision := make([]string, n), make([]string, n)
	for i := range n {
		recall[i], precision[i] = percentOf(counts[i][i], rowSums[i]), percentOf(counts[i][i], columnSums[i])
	}

	var alternative strings.Builder
	if title != "" {
		alternative.WriteString(title + "\n")
	}
	fmt.Fprintf(&alternative, "%d of %d images right (%s %%)", right, total, percentOf(right, total))
	for i, name := range names {
		fmt.Fprintf(&alternative, "\n  %s: %s %% right", name, recall[i])
		if j := mostConfused(counts[i], i); counts[i][j] > 0 && j != i {
			fmt.Fprintf(&alternative, ", most often taken for %s (%d)", names[j], counts[i][j])
		}
	}

	nameWidth := vg.Length(0)
	for _, name := range names {
		nameWidth = max(nameWidth, style(textSize, false).Width(name))
	}
	const (
		axisName = 34 * px // room for "true class"
		shares   = 64 * px // and for the column on the right
	)
	side := min(46*px, (figureWidth-2*margin-nameWidth-axisName-shares)/vg.Length(n))
	side = vg.Length(int(side/px)) * px
	header := vg.Length(0)
	if title != "" {
		header = 28 * px
	}
	columnNames := nameWidth + 10*px // their names stand upright
	height := header + 20*px + columnNames + side*vg.Length(n) + 40*px + 2*margin
	nameWidth = max(nameWidth, style(smallSize, false).Width("precision, %")-axisName+10*px)
	width := max(2*margin+axisName+nameWidth+side*vg.Length(n)+shares, style(titleSize, true).Width(title)+2*margin)
	return newFigure(width, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		left := wholePixels(c.Min.X+margin+axisName+nameWidth) + px/2
		top := wholePixels(c.Max.Y-margin-header-20*px-columnNames) - px/2
		names_, small, numbers := style(textSize, false), style(smallSize, false), style(smallSize, false)
		small.Color = mutedInk
		middle := left + side*vg.Length(n)/2
		c.FillText(aligned(style(textSize, true), draw.XCenter, draw.YTop), vg.Point{X: middle, Y: c.Max.Y - margin - header}, "predicted class")
		upright := aligned(style(textSize, true), draw.XCenter, draw.YTop)
		upright.Rotation = math.Pi / 2
		c.FillText(upright, vg.Point{X: c.Min.X + margin, Y: top - side*vg.Length(n)/2}, "true class")
		for i, name := range names {
			at := (vg.Length(i) + 0.5) * side
			c.FillText(aligned(names_, draw.XRight, draw.YCenter), vg.Point{X: left - 8*px, Y: top - at}, name)
			turned := aligned(names_, draw.XLeft, draw.YCenter)
			turned.Rotation = math.Pi / 2
			c.FillText(turned, vg.Point{X: left + at, Y: top + 6*px}, name)
			c.FillText(aligned(numbers, draw.XRight, draw.YCenter), vg.Point{X: left + side*vg.Length(n) + 52*px, Y: top - at}, recall[i])
			c.FillText(aligned(numbers, draw.XCenter, draw.YTop), vg.Point{X: left + at, Y: top - side*vg.Length(n) - 6*px}, precision[i])
		}
		c.FillText(aligned(small, draw.XRight, draw.YBottom), vg.Point{X: left + side*vg.Length(n) + 58*px, Y: top + 6*px}, "recall, %")
		c.FillText(aligned(small, draw.XRight, draw.YTop), vg.Point{X: left - 8*px, Y: top - side*vg.Length(n) - 6*px}, "precision, %")
		cell := func(i, j int) vg.Rectangle {
			return vg.Rectangle{
				Min: vg.Point{X: left + vg.Length(j)*side, Y: top - vg.Length(i+1)*side},
				Max: vg.Point{X: left + vg.Length(j+1)*side, Y: top - vg.Length(i)*side},
			}
		}
		for i, row := range counts {
			for j, count := range row {
				box := cell(i, j)
				share := float64(count) / float64(max(rowSums[i], 1))
				fill := between(paper, orange, math.Sqrt(share))
				if i == j {
					fill = between(paper, skyBlue, share) // light enough for dark numbers
				}
				c.SetColor(fill)
				c.Fill(box.Path())
				number := aligned(numbers, draw.XCenter, draw.YCenter)
				if count > 0 {
					c.FillText(number, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, fmt.Sprint(count))
				}
			}
		}
		line := draw.LineStyle{Color: gridGrey, Width: px}
		for i := range n + 1 {
			at := vg.Length(i) * side
			c.StrokeLine2(line, left, top-at, left+side*vg.Length(n), top-at)
			c.StrokeLine2(line, left+at, top, left+at, top-side*vg.Length(n))
		}
		for i := range n {
			strokeRectangle(c, draw.LineStyle{Color: ink, Width: 1.25 * px}, cell(i, i))
		}
	}), nil
}

// percentOf writes a share in per cent with one decimal.
func percentOf(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", 100*float64(part)/float64(whole))
}

// mostConfused returns the column of the largest count beside the diagonal.
func mostConfused(row []int, diagonal int) int {
	best := diagonal
	for j, count := range row {
		if j != diagonal && (best == diagonal || count > row[best]) {
			best = j
		}
	}
	return best
}
