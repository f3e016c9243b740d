package challenge

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Header is the head of the table.
const Header = "| entry | parameters | epochs | seeds | test accuracy | views | minutes | processor | backend | made again | by |\n" +
	"|---|---|---|---|---|---|---|---|---|---|---|\n"

// accuracyColumn is the table's column of the accuracy, from 0.
const accuracyColumn = 4

// Line returns the entry's line of the table. A name, an author or a link that cannot stand in it
// is an error.
func (e *Entry) Line() (string, error) {
	name := cell(e.Name)
	if name == "" {
		return "", fmt.Errorf("challenge: the entry has no name")
	}
	if e.Link != "" {
		link, err := url.Parse(e.Link)
		if err != nil || link.Scheme != "" && link.Scheme != "https" && link.Scheme != "http" || strings.ContainsAny(e.Link, " ()<>|\\\"'\n\r\t") {
			return "", fmt.Errorf("challenge: the link %q, want an address with http or https, or a relative one, without spaces, parentheses or |", e.Link)
		}
		name = fmt.Sprintf("[%s](%s)", name, e.Link)
	}
	accuracy := fmt.Sprintf("%.4f", e.Mean)
	if e.Std != nil {
		accuracy += fmt.Sprintf(" ± %.4f", *e.Std)
	}
	minutes := fmt.Sprintf("%.1f", e.Minutes)
	made := "all steps"
	if !e.Complete {
		made = fmt.Sprintf("%d steps", e.Steps)
		minutes += " (recorded)"
	}
	by := strings.TrimPrefix(strings.TrimSuffix(cell(e.Author)+", "+cell(e.Date), ", "), ", ")
	cells := []string{
		name, strconv.Itoa(e.Parameters), strconv.Itoa(e.Epochs), seeds(e.Seeds), accuracy, dash(cell(e.Views)), minutes,
		dash(cell(e.Processor)), dash(cell(backendName(e.Backend))), made, dash(by),
	}
	return "| " + strings.Join(cells, " | ") + " |", nil
}

// cell returns a text in the form that shows it as it is in a cell of a Markdown table.
func cell(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "[", `\[`, "]", `\]`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", "&", "&amp;").Replace(text)
}

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// backendName returns "XLA; 2 devices" of "backend XLA: the CPU plugin …; 2 devices".
func backendName(line string) string {
	name, rest, _ := strings.Cut(strings.TrimPrefix(line, "backend "), ": ")
	if i := strings.LastIndex(rest, "; "); i >= 0 && strings.HasSuffix(rest, " devices") {
		name += rest[i:]
	}
	return name
}

// seeds returns, for example, "10 (1–10)", or "3 (1, 4, 6)".
func seeds(all []uint64) string {
	sorted := slices.Sorted(slices.Values(all))
	var ranges []string
	for i := 0; i < len(sorted); {
		k := i
		for k+1 < len(sorted) && sorted[k+1] == sorted[k]+1 {
			k++
		}
		text := strconv.FormatUint(sorted[i], 10)
		if k > i {
			text += "–" + strconv.FormatUint(sorted[k], 10)
		}
		ranges = append(ranges, text)
		i = k + 1
	}
	return fmt.Sprintf("%d (%s)", len(all), strings.Join(ranges, ", "))
}

// Insert returns the text of a Markdown file with the entry's line in its table, before the first
// line with a lower accuracy. A line of an entry with the same name is replaced. Nothing else
// changes. A text without the table, and an entry with problems, are errors.
func Insert(text string, e *Entry) (string, error) {
	if len(e.Problems) > 0 {
		return "", fmt.Errorf("challenge: %d problems speak against the entry %s", len(e.Problems), e.Name)
	}
	line, err := e.Line()
	if err != nil {
		return "", err
	}
	start := strings.Index(text, Header)
	if start < 0 || start > 0 && text[start-1] != '\n' {
		return "", fmt.Errorf("challenge: the text has no table with the head %q", strings.SplitN(Header, "\n", 2)[0])
	}
	start += len(Header)
	before, rest := text[:start], text[start:]
	if !strings.HasSuffix(rest, "\n") && rest != "" {
		rest += "\n"
	}
	var table []string
	for strings.HasPrefix(rest, "|") {
		row, after, _ := strings.Cut(rest, "\n")
		if firstCell(row) != firstCell(line) {
			table = append(table, row)
		}
		rest = after
	}
	place := len(table)
	for i, row := range table {
		if accuracy, ok := accuracyOf(row); ok && accuracy < e.Mean {
			place = i
			break
		}
	}
	table = slices.Insert(table, place, line)
	return before + strings.Join(table, "\n") + "\n" + rest, nil
}

// cellsOf returns the cells of a line of a table.
func cellsOf(row string) []string {
	var cells []string
	var b strings.Builder
	escaped := false
	for _, r := range row {
		if r == '|' && !escaped {
			cells = append(cells, strings.TrimSpace(b.String()))
			b.Reset()
			continue
		}
		escaped = r == '\\' && !escaped
		b.WriteRune(r)
	}
	if len(cells) > 0 {
		cells = cells[1:] // before the first |
	}
	return cells
}

// firstCell returns the name of a line's entry, without its link.
func firstCell(row string) string {
	cells := cellsOf(row)
	if len(cells) == 0 {
		return ""
	}
	name := cells[0]
	if i := strings.LastIndex(name, "]("); strings.HasPrefix(name, "[") && i > 0 {
		name = name[1:i]
	}
	return name
}

// accuracyOf returns the mean accuracy of a line.
func accuracyOf(row string) (float64, bool) {
	cells := cellsOf(row)
	if len(cells) <= accuracyColumn {
		return 0, false
	}
	number, _, _ := strings.Cut(cells[accuracyColumn], " ")
	accuracy, err := strconv.ParseFloat(number, 64)
	return accuracy, err == nil
}
