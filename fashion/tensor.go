package fashion

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Tensor is an array of float32 values in host memory, the last axis varying
// fastest: weights, logits, probabilities.
type Tensor struct {
	// Shape gives the length of each axis; a scalar has an empty shape.
	Shape []int
	// Data holds the values, as many as the product of Shape.
	Data []float32
}

// NewTensor returns a tensor of zeros. Axis lengths must not be negative.
func NewTensor(shape ...int) *Tensor {
	return &Tensor{Shape: slices.Clone(shape), Data: make([]float32, sizeOf(shape))}
}

// sizeOf is the number of values in a tensor of the given shape.
func sizeOf(shape []int) int {
	size := 1
	for _, length := range shape {
		size *= length
	}
	return size
}

// Len is the number of values.
func (t *Tensor) Len() int { return len(t.Data) }

// Clone returns a copy that shares no memory with t.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{Shape: slices.Clone(t.Shape), Data: slices.Clone(t.Data)}
}

// Rows returns rows [from, to) of the first axis as a tensor that shares its
// data with t. It fails when the range does not lie within the first axis.
func (t *Tensor) Rows(from, to int) (*Tensor, error) {
	if len(t.Shape) == 0 {
		return nil, fmt.Errorf("a scalar has no rows")
	}
	if from < 0 || to < from || to > t.Shape[0] {
		return nil, fmt.Errorf("rows [%d, %d) of a tensor with %d rows", from, to, t.Shape[0])
	}
	row := sizeOf(t.Shape[1:])
	shape := slices.Clone(t.Shape)
	shape[0] = to - from
	return &Tensor{Shape: shape, Data: t.Data[from*row : to*row]}, nil
}

// Softmax turns each row of logits (the last axis) into probabilities that
// sum to 1: exp(z_i) / Σ_j exp(z_j), computed after subtracting the row's
// largest logit, which changes nothing in the result and keeps exp from
// overflowing.
func (t *Tensor) Softmax() *Tensor {
	result := t.Clone()
	if len(t.Shape) == 0 || t.Shape[len(t.Shape)-1] == 0 {
		return result
	}
	classes := t.Shape[len(t.Shape)-1]
	for start := 0; start < len(result.Data); start += classes {
		row := result.Data[start : start+classes]
		largest := slices.Max(row)
		sum := 0.0
		for i, logit := range row {
			e := math.Exp(float64(logit - largest))
			row[i] = float32(e)
			sum += e
		}
		for i := range row {
			row[i] = float32(float64(row[i]) / sum)
		}
	}
	return result
}

// How many values are printed in full, and how many at each end of a long
// axis otherwise; PyTorch's defaults (torch.set_printoptions).
const (
	printThreshold = 1000
	printEdgeItems = 3
	printLineWidth = 80
)

// String prints the values as PyTorch prints a tensor: four decimals, columns
// aligned, and "..." in place of the middle of long axes when there are more
// than 1000 values.
func (t *Tensor) String() string {
	p := tensorPrinter{tensor: t, summarise: len(t.Data) > printThreshold}
	p.measure(0, 0)
	return "tensor(" + p.format(0, 0, len("tensor(")) + ")"
}

// tensorPrinter holds what the recursive functions of String share.
type tensorPrinter struct {
	tensor    *Tensor
	summarise bool
	width     int
}

// visible lists the positions along an axis that are printed; -1 stands for
// the dots.
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
