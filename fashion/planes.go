package fashion

import (
	"fmt"
	"slices"
)

// Reshape returns the same values under another shape, which must have as many;
// data are shared with t.
func (t *Tensor) Reshape(shape ...int) (*Tensor, error) {
	for _, length := range shape {
		if length < 0 {
			return nil, fmt.Errorf("reshape %v to %v: axis lengths must not be negative", t.Shape, shape)
		}
	}
	if sizeOf(shape) != len(t.Data) {
		return nil, fmt.Errorf("reshape %v to %v: %d values do not fit %d places", t.Shape, shape, len(t.Data), sizeOf(shape))
	}
	return &Tensor{Shape: slices.Clone(shape), Data: t.Data}, nil
}

// Planes splits a tensor into matrices along its last two axes, in order: a
// convolution's weight [16 1 5 5] into 16 kernels of 5×5, feature maps
// [channels height width] into one matrix for each channel. A tensor with
// fewer than two axes is an error.
func (t *Tensor) Planes() ([][][]float64, error) {
	axes := len(t.Shape)
	if axes < 2 {
		return nil, fmt.Errorf("planes of a tensor of shape %v, want at least two axes; Reshape gives it some", t.Shape)
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
