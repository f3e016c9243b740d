package answers

import (
	"testing"

	"fashionlab/lessons"
)

func TestCheckPixel(t *testing.T) {
	type answer = func(file []byte, i, row, column int) byte
	// placed reads the byte at a place that f computes.
	placed := func(f func(height, width, i, row, column int) int) answer {
		return func(file []byte, i, row, column int) byte {
			shape := shapeOf(file)
			return file[f(shape[1], shape[2], i, row, column)]
		}
	}
	right := placed(func(h, w, i, row, column int) int { return 16 + (i*h+row)*w + column })
	testCheck(t, right, lessons.CheckPixel, CheckPixelFurther, []wrongCase[answer]{
		{"the stub", func([]byte, int, int, int) byte { panic("not implemented") }, "Pixel is not written yet"},
		{"no header", placed(func(h, w, i, row, column int) int { return (i*h+row)*w + column }), "the header is missing"},
		{"header of 8", placed(func(h, w, i, row, column int) int { return 8 + (i*h+row)*w + column }), "that of the labels"},
		{"header of 4", placed(func(h, w, i, row, column int) int { return 4 + (i*h+row)*w + column }), "4 for the magic number"},
		{"exchanged", placed(func(h, w, i, row, column int) int { return 16 + (i*h+column)*w + row }), "row and column are exchanged"},
		{"the first image", placed(func(h, w, _, row, column int) int { return 16 + row*w + column }), "a pixel of the first image"},
		{"rows of 1", placed(func(h, w, i, row, column int) int { return 16 + i*h*w + row + column }), "multiply `row` by the width"},
		{"28", func(file []byte, i, row, column int) byte { return file[16+(i*28+row)*28+column] }, "these images are not 28×28"},
		{"another formula", placed(func(_, _, _, _, _ int) int { return 16 + 999 }), "image `i` begins `i` whole images"},
		{"rows as long as high", placed(func(h, w, i, row, column int) int { return 16 + i*h*w + row*h + column }), "not as it is high"},
		{"one too far", placed(func(h, w, i, row, column int) int { return min(17+(i*h+row)*w+column, 16+3*h*w-1) }), "the pixel after it"},
		{"one too near", placed(func(h, w, i, row, column int) int { return 15 + (i*h+row)*w + column }), "the pixel before it"},
	})
}
