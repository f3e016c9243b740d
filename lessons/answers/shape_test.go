package answers

import (
	"encoding/binary"
	"testing"

	"fashionlab/lessons"
)

func TestCheckShape(t *testing.T) {
	type answer = func(file []byte) []int
	// proper returns nil for what is no IDX file of bytes, and f's result for what is.
	proper := func(f answer) answer {
		return func(file []byte) []int {
			if shapeOf(file) == nil {
				return nil
			}
			return f(file)
		}
	}
	testCheck(t, shapeOf, lessons.CheckShape, CheckShapeFurther, []wrongCase[answer]{
		{"the stub", func([]byte) []int { panic("not implemented") }, "Shape is not written yet"},
		{"always nil", func([]byte) []int { return nil }, "this is a proper file"},
		{"little-endian", proper(func(file []byte) []int {
			var shape []int
			for i := range int(file[3]) {
				shape = append(shape, int(binary.LittleEndian.Uint32(file[4+4*i:])))
			}
			return shape
		}), "the lengths are read from the wrong end"},
		{"from byte 0", proper(func(file []byte) []int {
			var shape []int
			for i := range int(file[3]) {
				shape = append(shape, int(binary.BigEndian.Uint32(file[4*i:])))
			}
			return shape
		}), "and the last length is missing"},
		{"with the magic number", proper(func(file []byte) []int {
			var shape []int
			for i := range int(file[3]) + 1 {
				shape = append(shape, int(binary.BigEndian.Uint32(file[4*i:])))
			}
			return shape
		}), "and not a length; the lengths begin at byte 4"},
		{"without the first", proper(func(file []byte) []int { return shapeOf(file)[1:] }), "the first length is missing"},
		{"without the last", proper(func(file []byte) []int { s := shapeOf(file); return s[:len(s)-1] }), "the last length is missing; byte 3"},
		{"the product", proper(func(file []byte) []int {
			n := 1
			for _, v := range shapeOf(file) {
				n *= v
			}
			return []int{n}
		}), "how many values there are in all"},
		{"single bytes", proper(func(file []byte) []int {
			var shape []int
			for _, b := range file[4:] {
				shape = append(shape, int(b))
			}
			return shape
		}), "four bytes make one"},
		{"always three", proper(func(file []byte) []int {
			return append(shapeOf(file), 0, 0, 0)[:3]
		}), "not every file has three axes"},
		{"no look at the magic number", func(file []byte) []int {
			var shape []int
			for i := range min(int(file[3]), (len(file)-4)/4) {
				shape = append(shape, bigEndianOf(file[4+4*i:8+4*i]))
			}
			if shape == nil {
				shape = []int{}
			}
			return shape
		}, "it is compressed with gzip"},
		{"no look at the type", func(file []byte) []int {
			if len(file) > 3 && file[0] == 0 {
				file = append([]byte{0, 0, 8}, file[3:]...)
			}
			return shapeOf(file)
		}, "it holds float32 numbers"},
		{"no look at the length", func(file []byte) []int {
			if len(file) < 3 || file[0] != 0 || file[1] != 0 || file[2] != 8 {
				return nil
			}
			var shape []int
			for i := range int(file[3]) {
				shape = append(shape, bigEndianOf(file[4+4*i:8+4*i]))
			}
			return shape
		}, "it ends before its three lengths do. Look at the length"},
		{"in place", func(file []byte) []int {
			shape := shapeOf(file)
			file[0] = 1
			return shape
		}, "changes its argument"},
		{"another formula", proper(func([]byte) []int { return []int{1, 2} }), "they follow from byte 4 on"},
	})
}
