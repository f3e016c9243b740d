package plots

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A key is one entry of a legend below a figure: a mark, a line if it has a
// width, and a name.
type key struct {
	name  string
	line  draw.LineStyle
	glyph draw.GlyphStyle
}

// Sizes of a legend.
const (
	keyHeight = 20 * px // of a row
	keySample = 26 * px // of the line in front of a name
	keyGap    = 20 * px // between entries
)

// keyWidth returns the width of an entry.
func keyWidth(k key) vg.Length {
	return keySample + 6*px + style(smallSize, false).Width(k.name)
}

// keyRows breaks a legend into rows that fit the width.
func keyRows(keys []key, width vg.Length) [][]key {
	var rows [][]key
	used := vg.Length(0)
	for _, k := range keys {
		w := keyWidth(k)
		if len(rows) == 0 || used+keyGap+w > width {
			rows = append(rows, nil)
			used = -keyGap
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		used += keyGap + w
	}
	return rows
}

// drawKeys draws rows of a legend, centred above the given point.
func drawKeys(c draw.Canvas, rows [][]key, bottom vg.Point) {
	for r, row := range rows {
		width := -keyGap
		for _, k := range row {
			width += keyGap + keyWidth(k)
		}
		x := bottom.X - width/2
		y := bottom.Y + (vg.Length(len(rows)-1-r)+0.5)*keyHeight
		for _, k := range row {
			if k.line.Width > 0 {
				c.StrokeLine2(k.line, x, y, x+keySample, y)
			}
			c.DrawGlyph(k.glyph, vg.Point{X: x + keySample/2, Y: y})
			c.FillText(aligned(style(smallSize, false), draw.XLeft, draw.YCenter), vg.Point{X: x + keySample + 6*px, Y: y}, k.name)
			x += keyWidth(k) + keyGap
		}
	}
}
