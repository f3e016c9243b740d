package fashion

import (
	"fmt"
	"strings"
)

// The number of values that are printed in full, the number printed at each end of a long
// axis otherwise, and the width of a line: PyTorch's defaults (torch.set_printoptions).
const (
	printThreshold = 1000
	printEdgeItems = 3
	printLineWidth = 80
)

// String returns the values as PyTorch prints a tensor: with four decimals, in aligned
// columns, and with "..." instead of the middle of long axes if there are more than 1000
// values.
func (t *Tensor) String() string {
	p := tensorPrinter{tensor: t, summarise: len(t.Data) > printThreshold}
	p.measure(0, 0)
	return "tensor(" + p.format(0, 0, len("tensor(")) + ")"
}

// tensorPrinter holds the state that the recursive functions of String share.
type tensorPrinter struct {
	tensor    *Tensor
	summarise bool
	width     int
}

// visible returns the positions along an axis that are printed. -1 means the dots.
func (p *tensorPrinter) visible(length int) []int {
	var positions []int
	for i := range length {
		if p.summarise && length > 2*printEdgeItems && i >= printEdgeItems && i < length-printEdgeItems {
			if i == printEdgeItems {
				positions = append(positions, -1)
			}
			continue
		}
		positions = append(positions, i)
	}
	return positions
}

// measure finds the width of the widest value that will be printed.
func (p *tensorPrinter) measure(axis, offset int) {
	if axis == len(p.tensor.Shape) {
		p.width = max(p.width, len(formatValue(p.tensor.Data[offset])))
		return
	}
	stride := sizeOf(p.tensor.Shape[axis+1:])
	for _, i := range p.visible(p.tensor.Shape[axis]) {
		if i >= 0 {
			p.measure(axis+1, offset+i*stride)
		}
	}
}

func formatValue(v float32) string { return fmt.Sprintf("%.4f", v) }

// format prints the part of the tensor that starts at offset; indent is the
// column of its opening bracket.
func (p *tensorPrinter) format(axis, offset, indent int) string {
	if axis == len(p.tensor.Shape) {
		return fmt.Sprintf("%*s", p.width, formatValue(p.tensor.Data[offset]))
	}
	stride := sizeOf(p.tensor.Shape[axis+1:])
	positions := p.visible(p.tensor.Shape[axis])
	if axis == len(p.tensor.Shape)-1 {
		return "[" + p.formatRow(positions, offset, indent+1) + "]"
	}
	parts := make([]string, len(positions))
	for k, i := range positions {
		if i < 0 {
			parts[k] = "..."
			continue
		}
		parts[k] = p.format(axis+1, offset+i*stride, indent+1)
	}
	// One blank line for each axis between the rows, as PyTorch does.
	separator := "," + strings.Repeat("\n", len(p.tensor.Shape)-1-axis) + strings.Repeat(" ", indent+1)
	return "[" + strings.Join(parts, separator) + "]"
}

// formatRow prints values along the last axis, broken into lines.
func (p *tensorPrinter) formatRow(positions []int, offset, indent int) string {
	// PyTorch measures from the bracket, one column before the values.
	perLine := max(1, (printLineWidth-(indent-1))/(p.width+2))
	var row strings.Builder
	for k, i := range positions {
		if k > 0 {
			row.WriteString(",")
			if k%perLine == 0 {
				row.WriteString("\n" + strings.Repeat(" ", indent))
			} else {
				row.WriteString(" ")
			}
		}
		if i < 0 {
			row.WriteString(" ...")
		} else {
			row.WriteString(fmt.Sprintf("%*s", p.width, formatValue(p.tensor.Data[offset+i])))
		}
	}
	return row.String()
}
