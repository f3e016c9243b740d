package fashion

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"fashionlab/fashion/internal/engine"
)

// Tensor is an array of float32 values in host memory, such as weights, logits or
// probabilities, in row-major order: the last axis varies fastest.
type Tensor struct {
	// Shape gives the length of each axis; a scalar has an empty shape.
	Shape []int
	// Data holds the values; their number is the product of Shape.
	Data []float32
}

// NewTensor returns a tensor of zeros. Axis lengths must not be negative.
func NewTensor(shape ...int) *Tensor {
	return &Tensor{Shape: slices.Clone(shape), Data: make([]float32, sizeOf(shape))}
}

// sizeOf returns the number of values in a tensor of the given shape.
func sizeOf(shape []int) int {
	size := 1
	for _, length := range shape {
		size *= length
	}
	return size
}

// Len returns the number of values.
func (t *Tensor) Len() int { return len(t.Data) }

// Clone returns a copy that shares no memory with t.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{Shape: slices.Clone(t.Shape), Data: slices.Clone(t.Data)}
}

// Rows returns the rows from (included) to to (excluded) of the first axis, as a tensor
// that shares its data with t. A range outside of the first axis is an error.
func (t *Tensor) Rows(from, to int) (*Tensor, error) {
	if len(t.Shape) == 0 {
		return nil, fmt.Errorf("rows of a scalar, want at least one axis")
	}
	if from < 0 || to < from || to > t.Shape[0] {
		return nil, fmt.Errorf("rows [%d, %d), want a range within [0, %d)", from, to, t.Shape[0])
	}
	row := sizeOf(t.Shape[1:])
	shape := slices.Clone(t.Shape)
	shape[0] = to - from
	return &Tensor{Shape: shape, Data: t.Data[from*row : to*row]}, nil
}

// Reshape returns a tensor with the same values and another shape, which shares its data
// with t. A shape with another number of values is an error.
func (t *Tensor) Reshape(shape ...int) (*Tensor, error) {
	for _, length := range shape {
		if length < 0 {
			return nil, fmt.Errorf("reshape %v to %v: want axis lengths of 0 or more", t.Shape, shape)
		}
	}
	if sizeOf(shape) != len(t.Data) {
		return nil, fmt.Errorf("reshape %v to %v: %d values, want %d", t.Shape, shape, len(t.Data), sizeOf(shape))
	}
	return &Tensor{Shape: slices.Clone(shape), Data: t.Data}, nil
}

// Planes splits a tensor into matrices along its last two axes, in order: the weight
// [16 1 5 5] of a convolution into 16 kernels of 5×5, feature maps [channels height
// width] into one matrix for each channel. A tensor with fewer than two axes is an error.
func (t *Tensor) Planes() ([][][]float64, error) {
	axes := len(t.Shape)
	if axes < 2 {
		return nil, fmt.Errorf("planes of a tensor of shape %v, want at least two axes; Reshape adds axes", t.Shape)
	}
	height, width := t.Shape[axes-2], t.Shape[axes-1]
	planes := make([][][]float64, sizeOf(t.Shape[:axes-2]))
	for p := range planes {
		planes[p] = make([][]float64, height)
		for y := range height {
			planes[p][y] = make([]float64, width)
			for x := range width {
				planes[p][y][x] = float64(t.Data[(p*height+y)*width+x])
			}
		}
	}
	return planes, nil
}

// Softmax returns a tensor of the same shape, in which each row of logits (along the last
// axis) is replaced by probabilities that add up to 1: exp(z_i) / Σ_j exp(z_j). The row's
// largest logit is subtracted first. That does not change the result, and prevents an
// overflow of exp.
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

// toDevice copies the tensor for GoMLX.
func (t *Tensor) toDevice() *tensors.Tensor { return engine.ToDevice(t.Shape, t.Data) }

// fromDevice copies GoMLX tensors of float32 values to the host.
func fromDevice(list []*tensors.Tensor) ([]*Tensor, error) {
	host := make([]*Tensor, len(list))
	for i, t := range list {
		shape, values, err := engine.FromDevice(t)
		if err != nil {
			return nil, err
		}
		host[i] = &Tensor{Shape: shape, Data: values}
	}
	return host, nil
}
