package display

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Table shows a table. Columns of numbers are aligned to the right, others to the left.
// Missing cells at the end of a row are empty.
func Table(header []string, rows [][]string) {
	s := current
	s.mu.Lock()
	defer s.mu.Unlock()
	plain := plainTable(header, rows)
	if s.notebook == nil {
		fmt.Fprintln(s.out, plain)
		return
	}
	s.show(message{data: map[string]any{"text/html": htmlTable(header, rows), "text/plain": plain}})
}

// columns returns the number of columns of a table, and which of them hold only numbers.
func columns(header []string, rows [][]string) (numeric []bool) {
	n := len(header)
	for _, row := range rows {
		n = max(n, len(row))
	}
	numeric = make([]bool, n)
	for i := range numeric {
		seen := false
		numeric[i] = true
		for _, row := range rows {
			if text := cellAt(row, i); text != "" {
				seen = true
				numeric[i] = numeric[i] && isNumber(text)
			}
		}
		numeric[i] = numeric[i] && seen
	}
	return numeric
}

// cellAt returns a cell; it is empty after the end of a row.
func cellAt(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// isNumber reports whether text is a number, which may have a unit such as % or s, or commas
// between thousands.
func isNumber(text string) bool {
	text = strings.ReplaceAll(strings.ReplaceAll(text, ",", ""), "−", "-")
	for _, unit := range []string{"%", "ms", "s", "MB", "kB"} {
		text = strings.TrimSuffix(text, unit)
	}
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}

// plainTable writes a table for terminals.
func plainTable(header []string, rows [][]string) string {
	numeric := columns(header, rows)
	widths := make([]int, len(numeric))
	all := append([][]string{header}, rows...)
	for _, row := range all {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for r, row := range all {
		if r > 0 {
			b.WriteByte('\n')
		}
		var line strings.Builder
		for i, right := range numeric {
			if i > 0 {
				line.WriteString("  ")
			}
			text := cellAt(row, i)
			blanks := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if right {
				line.WriteString(blanks + text)
			} else {
				line.WriteString(text + blanks)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
	}
	return b.String()
}

// htmlTable writes a table for notebooks.
func htmlTable(header []string, rows [][]string) string {
	numeric := columns(header, rows)
	var b strings.Builder
	row := func(tag string, cells []string) {
		b.WriteString("<tr>")
		for i, right := range numeric {
			side := "left"
			if right {
				side = "right"
			}
			fmt.Fprintf(&b, `<%s style="text-align: %s">%s</%s>`, tag, side, html.EscapeString(cellAt(cells, i)), tag)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("<table>\n<thead>\n")
	row("th", header)
	b.WriteString("</thead>\n<tbody>\n")
	for _, cells := range rows {
		row("td", cells)
	}
	b.WriteString("</tbody>\n</table>")
	return b.String()
}
