package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Matrix is a small matrix for explaining a computation, such as the input,
// the kernel or the output of a convolution.
type Matrix struct {
	Title  string
	Values [][]float64 // rows of equal length, at most 12×12

	// Before is a sign before the matrix, such as "∗" or "=". It is usually empty
	// for the first matrix.
	Before string

	// Padding is the number of rows and columns at each edge that are padding. They
	// are drawn with dashed borders.
	Padding int

	// Window is the part of the matrix with a frame, such as the area under a kernel,
	// in columns (X) and rows (Y). The empty rectangle means no frame.
	Window image.Rectangle
}

// maxMatrixSide is the largest side of a matrix, which fits the width of a notebook.
const maxMatrixSide = 12

// cellSize is the side of a matrix cell.
const cellSize = 30 * px

// Matrices draws small matrices side by side, with their numbers and a shading: positive
// numbers are blue and negative ones orange, deeper for larger absolute values, with one
// scale for each matrix. Matrices that do not fit the width are drawn in further rows. The
// title above them may be empty.
func Matrices(title string, matrices ...Matrix) (*Figure, error) {
	if len(matrices) == 0 {
		return nil, fmt.Errorf("draw matrices: %w", errNoValues)
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	labels := make([][][]string, len(matrices))
	for i, m := range matrices {
		if err := checkMatrix(m); err != nil {
			return nil, fmt.Errorf("draw matrices: matrix %d (%q): %w", i, m.Title, err)
		}
		labels[i] = cellLabels(m.Values)
		if alternative.Len() > 0 {
			alternative.WriteByte('\n')
		}
		if m.Before != "" {
			alternative.WriteString(m.Before + " ")
		}
		fmt.Fprintf(&alternative, "%s (%d×%d):", strings.ReplaceAll(m.Title, "\n", " "), len(m.Values), len(m.Values[0]))
		width := 0
		for _, row := range labels[i] {
			for _, label := range row {
				width = max(width, len([]rune(label)))
			}
		}
		for _, row := range labels[i] {
			alternative.WriteString("\n ")
			for _, label := range row {
				fmt.Fprintf(&alternative, " %*s", width, label)
			}
		}
	}

	rows := matrixRows(matrices)
	const between = 18 * px
	header := vg.Length(0)
	if title != "" {
		header = 26 * px
	}
	width, height := vg.Length(0), header+2*margin-between
	for _, row := range rows {
		width = max(width, row.width)
		height += row.height + between
	}
	width = max(width, style(titleSize, true).Width(title)) + 2*margin
	return newFigure(width, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		top := c.Max.Y - margin - header
		for _, row := range rows {
			x := c.Center().X - row.width/2
			middle := top - row.titles - row.cells/2
			for i := row.first; i < row.last; i++ {
				m := matrices[i]
				if m.Before != "" {
					drawOperator(c, m.Before, vg.Point{X: x + signWidth/2, Y: middle})
					x += signWidth
				} else if i > row.first {
					x += matrixGap
				}
				w := matrixWidth(m)
				h := vg.Length(len(m.Values)) * cellSize
				// Lines of one pixel are sharp half-way between whole pixels.
				corner := vg.Point{X: wholePixels(x+(w-vg.Length(len(m.Values[0]))*cellSize)/2) + px/2, Y: wholePixels(middle+h/2) - px/2}
				drawLines(c, aligned(style(smallSize, true), draw.XCenter, draw.YBottom), vg.Point{X: x + w/2, Y: corner.Y + 6*px}, m.Title, 15*px)
				drawMatrix(c, m, labels[i], corner)
				x += w
			}
			top -= row.height + between
		}
	}), nil
}

// Room between matrices.
const (
	signWidth = 34 * px // with a sign between them
	matrixGap = 24 * px // without
)

// drawOperator draws the sign before a matrix. It draws the asterisk of a convolution as
// lines, since the font has only a small raised one.
func drawOperator(c draw.Canvas, sign string, at vg.Point) {
	if sign != "∗" && sign != "*" {
		c.FillText(aligned(style(16, false), draw.XCenter, draw.YCenter), at, sign)
		return
	}
	for i := range 3 {
		sin, cos := math.Sincos(math.Pi/2 + float64(i)*math.Pi/3)
		arm := vg.Point{X: vg.Length(cos) * 7 * px, Y: vg.Length(sin) * 7 * px}
		c.StrokeLines(draw.LineStyle{Color: ink, Width: 1.75 * px}, []vg.Point{at.Sub(arm), at.Add(arm)})
	}
}

// matrixRow holds the matrices first to last-1, side by side.
type matrixRow struct {
	first, last                  int
	width, height, titles, cells vg.Length
}

// matrixWidth returns the width of a matrix or of its title, if that is wider.
func matrixWidth(m Matrix) vg.Length {
	w := vg.Length(len(m.Values[0])) * cellSize
	for _, line := range strings.Split(m.Title, "\n") {
		w = max(w, style(smallSize, true).Width(line))
	}
	return w
}

// matrixRows breaks the matrices into rows that fit a figure.
func matrixRows(matrices []Matrix) []matrixRow {
	var rows []matrixRow
	for i, m := range matrices {
		w := matrixWidth(m)
		if m.Before != "" {
			w += signWidth
		} else if len(rows) > 0 && i > rows[len(rows)-1].first {
			w += matrixGap
		}
		if len(rows) == 0 || rows[len(rows)-1].width+w > figureWidth-2*margin {
			rows = append(rows, matrixRow{first: i})
			if m.Before == "" {
				w = matrixWidth(m)
			}
		}
		row := &rows[len(rows)-1]
		row.last = i + 1
		row.width += w
		if m.Title != "" {
			row.titles = max(row.titles, 6*px+15*px*vg.Length(strings.Count(m.Title, "\n")+1))
		}
		row.cells = max(row.cells, vg.Length(len(m.Values))*cellSize)
		row.height = row.titles + row.cells
	}
	return rows
}

// wholePixels rounds a length to CSS pixels.
func wholePixels(l vg.Length) vg.Length { return vg.Length(math.Round(float64(l/px))) * px }

// checkMatrix returns an error for values that cannot be drawn.
func checkMatrix(m Matrix) error {
	if len(m.Values) == 0 || len(m.Values[0]) == 0 {
		return errNoValues
	}
	columns := len(m.Values[0])
	if len(m.Values) > maxMatrixSide || columns > maxMatrixSide {
		return fmt.Errorf("%d×%d cells, want at most %d×%d", len(m.Values), columns, maxMatrixSide, maxMatrixSide)
	}
	for r, row := range m.Values {
		if len(row) != columns {
			return fmt.Errorf("row %d has %d numbers, want %d as in row 0", r, len(row), columns)
		}
		for col, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("the value in row %d, column %d is %v, want a number", r, col, v)
			}
		}
	}
	if m.Padding < 0 || 2*m.Padding > min(len(m.Values), columns) {
		return fmt.Errorf("%d rows and columns of padding at each edge of %d×%d cells, want 0 or more, and less than half of the cells", m.Padding, len(m.Values), columns)
	}
	if !m.Window.In(image.Rect(0, 0, columns, len(m.Values))) {
		return fmt.Errorf("the window %v, want one within the %d×%d cells", m.Window, len(m.Values), columns)
	}
	return nil
}

// cellLabels formats the numbers of a matrix: as integers if all are whole numbers,
// otherwise with enough decimals for two significant digits of the largest.
func cellLabels(values [][]float64) [][]string {
	whole, largest := true, 0.0
	for _, row := range values {
		for _, v := range row {
			whole = whole && v == math.Trunc(v)
			largest = max(largest, math.Abs(v))
		}
	}
	decimals := 0
	if !whole {
		decimals = 2
		if largest >= 10 {
			decimals = 1
		}
	}
	format := byte('f')
	if largest >= 1e5 || !whole && largest < 0.01 {
		format, decimals = 'g', 2
	}
	labels := make([][]string, len(values))
	for r, row := range values {
		for _, v := range row {
			label := strconv.FormatFloat(v, format, decimals, 64)
			if strings.Trim(label, "-0.") == "" { // minus zero
				label = strings.TrimPrefix(label, "-")
			}
			labels[r] = append(labels[r], strings.Replace(label, "-", "−", 1))
		}
	}
	return labels
}

// drawMatrix draws the cells of a matrix; corner is its upper left one.
func drawMatrix(c draw.Canvas, m Matrix, labels [][]string, corner vg.Point) {
	largest := 0.0
	for _, row := range m.Values {
		for _, v := range row {
			largest = max(largest, math.Abs(v))
		}
	}
	rows, columns := len(m.Values), len(m.Values[0])
	cell := func(r, col int) vg.Rectangle {
		return vg.Rectangle{
			Min: vg.Point{X: corner.X + vg.Length(col)*cellSize, Y: corner.Y - vg.Length(r+1)*cellSize},
			Max: vg.Point{X: corner.X + vg.Length(col+1)*cellSize, Y: corner.Y - vg.Length(r)*cellSize},
		}
	}
	padded := func(r, col int) bool {
		return r < m.Padding || col < m.Padding || r >= rows-m.Padding || col >= columns-m.Padding
	}
	// Draw the shading, then dashed lines, then solid lines, each above the last.
	for r := range rows {
		for col := range columns {
			c.SetColor(shade(m.Values[r][col], largest))
			c.Fill(cell(r, col).Path())
		}
	}
	// Draw each line once, since dashes drawn twice would fill each other's gaps. A line
	// is solid at a cell that is not padding.
	solid := func(r, col int) bool {
		return r >= 0 && r < rows && col >= 0 && col < columns && !padded(r, col)
	}
	line := func(isSolid bool, from, to vg.Point) {
		l := draw.LineStyle{Color: axisGrey, Width: px}
		if !isSolid {
			l.Dashes = []vg.Length{3 * px, 3 * px}
		}
		c.StrokeLines(l, []vg.Point{from, to})
	}
	for _, pass := range []bool{false, true} {
		for r := range rows + 1 {
			for col := range columns + 1 {
				at := vg.Point{X: corner.X + vg.Length(col)*cellSize, Y: corner.Y - vg.Length(r)*cellSize}
				if col < columns && (solid(r, col) || solid(r-1, col)) == pass {
					line(pass, at, vg.Point{X: at.X + cellSize, Y: at.Y})
				}
				if r < rows && (solid(r, col) || solid(r, col-1)) == pass {
					line(pass, at, vg.Point{X: at.X, Y: at.Y - cellSize})
				}
			}
		}
	}
	for r := range rows {
		for col := range columns {
			text := aligned(style(smallSize, false), draw.XCenter, draw.YCenter)
			if padded(r, col) {
				text.Color = mutedInk
			}
			if w := text.Width(labels[r][col]); w > cellSize-4*px {
				text.Font.Size *= (cellSize - 4*px) / w
			}
			box := cell(r, col)
			c.FillText(text, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, labels[r][col])
		}
	}
	if !m.Window.Empty() {
		frame := vg.Rectangle{
			Min: cell(m.Window.Max.Y-1, m.Window.Min.X).Min,
			Max: cell(m.Window.Min.Y, m.Window.Max.X-1).Max,
		}
		strokeRectangle(c, draw.LineStyle{Color: vermillion, Width: 2.5 * px}, frame)
	}
}

// shade returns the background of a cell: white at 0, and light enough that dark text on it
// has a contrast above 7.
func shade(value, largest float64) color.Color {
	if largest == 0 {
		return paper
	}
	deepest := color.NRGBA{R: 0x8c, G: 0xc4, B: 0xec, A: 0xff} // a light sky blue
	if value < 0 {
		deepest = color.NRGBA{R: 0xf3, G: 0xbe, B: 0x6b, A: 0xff} // a light orange
	}
	t := math.Abs(value) / largest
	mix := func(to uint8) uint8 { return uint8(255 + (float64(to)-255)*t + 0.5) }
	return color.NRGBA{R: mix(deepest.R), G: mix(deepest.G), B: mix(deepest.B), A: 0xff}
}
