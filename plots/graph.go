package plots

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A GraphNode is one number of a computation and the derivative of the result with respect
// to it.
type GraphNode struct {
	Label           string // a name such as "w", or the operation such as "+"
	Value, Gradient float64
	Inputs          []int // the positions of the nodes it is computed from, all before its own
}

// maxGraphNodes is the largest number of nodes of a graph, so that its numbers are legible.
const maxGraphNodes = 80

// Sizes of a graph's drawing.
const (
	nodeWidth  = 56 * px
	nodeHeight = 46 * px
	columnGap  = 26 * px
	rowGap     = 10 * px
	arrowSize  = 5 * px
)

// Graph draws a computation as a graph from left to right: a box for each number, with its
// label, its value, and below it the gradient on a shade, which is blue for positive and
// orange for negative ones, as in Matrices. An arrow leads from each number to those that
// are computed from it. The title may be empty.
func Graph(title string, nodes ...GraphNode) (*Figure, error) {
	if err := checkGraph(nodes); err != nil {
		return nil, fmt.Errorf("draw a graph: %w", err)
	}
	var alternative strings.Builder
	alternative.WriteString(title)
	largest := 0.0
	inputs := make([][]int, len(nodes))
	for i, n := range nodes {
		inputs[i] = n.Inputs
		largest = max(largest, math.Abs(n.Gradient))
		if alternative.Len() > 0 {
			alternative.WriteByte('\n')
		}
		fmt.Fprintf(&alternative, "  %d: %s", i, n.Label)
		if len(n.Inputs) > 0 {
			fmt.Fprintf(&alternative, " of %s", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(n.Inputs)), ", "), "[]"))
		}
		fmt.Fprintf(&alternative, "; value %s, gradient %s", nodeNumber(n.Value), nodeNumber(n.Gradient))
	}

	columns, rows, wires := layered(inputs)
	last, lowest := 0, 0.0
	for i := range nodes {
		last, lowest = max(last, columns[i]), max(lowest, rows[i])
	}
	header, footer := vg.Length(0), 22*px
	if title != "" {
		header = 26 * px
	}
	const explained = "In each box: label, value, gradient"
	inner := vg.Length(last+1)*(nodeWidth+columnGap) - columnGap
	width := max(inner, style(titleSize, true).Width(title), style(smallSize, false).Width(explained)) + 2*margin
	height := header + footer + 2*margin + vg.Length(lowest)*(nodeHeight+rowGap) + nodeHeight
	return newFigure(width, height, alternative.String(), func(c draw.Canvas) {
		drawTitle(c, title)
		left, top := c.Center().X-inner/2, c.Max.Y-margin-header
		// middle is the centre of the box at a column and a row.
		middle := func(column int, row float64) vg.Point {
			return vg.Point{X: left + vg.Length(column)*(nodeWidth+columnGap) + nodeWidth/2, Y: top - vg.Length(row)*(nodeHeight+rowGap) - nodeHeight/2}
		}
		for _, w := range wires {
			drawWire(c, w, middle)
		}
		for i, n := range nodes {
			drawNode(c, n, largest, middle(columns[i], rows[i]))
		}
		note := aligned(style(smallSize, false), draw.XCenter, draw.YBottom)
		note.Color = mutedInk
		c.FillText(note, vg.Point{X: c.Center().X, Y: c.Min.Y + margin}, explained)
	}), nil
}

// checkGraph returns an error for nodes that cannot be drawn.
func checkGraph(nodes []GraphNode) error {
	if len(nodes) == 0 {
		return errNoValues
	}
	if len(nodes) > maxGraphNodes {
		return fmt.Errorf("%d nodes, want at most %d", len(nodes), maxGraphNodes)
	}
	for i, n := range nodes {
		for _, v := range []float64{n.Value, n.Gradient} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("node %d (%q) has the value %v and the gradient %v, want finite numbers", i, n.Label, n.Value, n.Gradient)
			}
		}
		for _, in := range n.Inputs {
			if in < 0 || in >= i {
				return fmt.Errorf("node %d (%q) has the input %d, want the position of a node before it", i, n.Label, in)
			}
		}
	}
	return nil
}

// nodeNumber writes a number with up to three significant digits.
func nodeNumber(v float64) string {
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if size := math.Abs(v); size < 0.0005 {
		text = "0"
	} else if size < 1000 {
		text = strconv.FormatFloat(v, 'f', 3, 64)
		digits := strings.TrimLeft(text, "-0.")
		if extra := len(strings.ReplaceAll(digits, ".", "")) - 3; extra > 0 {
			text = text[:len(text)-min(extra, 3)]
		}
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return strings.Replace(text, "-", "−", 1)
}

// drawNode draws the box of a node.
func drawNode(c draw.Canvas, n GraphNode, largest float64, middle vg.Point) {
	box := vg.Rectangle{
		Min: vg.Point{X: wholePixels(middle.X-nodeWidth/2) + px/2, Y: wholePixels(middle.Y-nodeHeight/2) + px/2},
	}
	box.Max = box.Min.Add(vg.Point{X: nodeWidth, Y: nodeHeight})
	// Filled rectangles have square corners, which lines have not where they begin and end.
	fill := func(clr color.Color, inset, from, to vg.Length) {
		c.SetColor(clr)
		c.Fill(vg.Rectangle{
			Min: vg.Point{X: box.Min.X + inset, Y: box.Min.Y + from + inset},
			Max: vg.Point{X: box.Max.X - inset, Y: box.Min.Y + to - inset},
		}.Path())
	}
	border, half := color.Color(axisGrey), px/2
	if len(n.Inputs) == 0 {
		border, half = ink, px // what was not computed
	}
	third := wholePixels(nodeHeight / 3)
	fill(border, -half, 0, nodeHeight)
	fill(shade(n.Gradient, largest), half, 0, third)
	fill(paper, half, third-2*half+px, nodeHeight) // a line of one pixel stays between the two
	for i, text := range []string{nodeNumber(n.Gradient), nodeNumber(n.Value), n.Label} {
		s := aligned(style(smallSize, i == 2), draw.XCenter, draw.YCenter)
		if w := s.Width(text); w > nodeWidth-6*px {
			s.Font.Size *= (nodeWidth - 6*px) / w
		}
		c.FillText(s, vg.Point{X: middle.X, Y: box.Min.Y + (vg.Length(i)+0.5)*nodeHeight/3 + px}, text)
	}
}

// drawWire draws the arrow from a box to another, past the boxes in the columns between.
func drawWire(c draw.Canvas, w wire, middle func(int, float64) vg.Point) {
	line := draw.LineStyle{Color: axisGrey, Width: 1.25 * px}
	c.SetLineStyle(line)
	end := len(w.rows) - 1
	aside := vg.Point{X: nodeWidth / 2}
	at := middle(w.column, w.rows[0]).Add(aside)
	var path vg.Path
	path.Move(at)
	for i := 1; i <= end; i++ {
		to := middle(w.column+i, w.rows[i]).Sub(aside)
		if i == end {
			to.X -= arrowSize
		}
		bend := vg.Point{X: (to.X - at.X) * 0.6}
		path.CubeTo(at.Add(bend), to.Sub(bend), to)
		if i < end { // straight through the column
			at = to.Add(aside).Add(aside)
			path.Line(at)
		} else {
			at = to
		}
	}
	c.Stroke(path)
	var head vg.Path
	head.Move(vg.Point{X: at.X + arrowSize, Y: at.Y})
	head.Line(vg.Point{X: at.X - px, Y: at.Y + arrowSize*0.6})
	head.Line(vg.Point{X: at.X - px, Y: at.Y - arrowSize*0.6})
	head.Close()
	c.SetColor(line.Color)
	c.Fill(head)
}
