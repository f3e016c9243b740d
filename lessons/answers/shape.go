package answers

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"fashionlab/lessons"
)

func visibleShape() []lessons.Case {
	return each(shapeCaseOf,
		shapeCase{file: idxFile(nil, 60000, 28, 28)},
		shapeCase{file: idxFile(nil, 10000)},
		shapeCase{file: []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3}, not: "it is compressed with gzip"},
	)
}

// CheckShapeFurther checks Shape with contents behind the header, with other
// numbers of axes, and with files that are not what they should be.
func CheckShapeFurther(shape func(file []byte) []int) error {
	return check("Shape", shape, shapeCaseOf,
		shapeCase{file: idxFile([]byte{9, 0, 0, 3}, 4)},
		shapeCase{file: idxFile([]byte{1, 2, 3, 4, 5, 6}, 1, 2, 3)},
		shapeCase{file: idxFile([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2, 1)},
		shapeCase{file: idxFile([]byte{7, 7}, 1, 2)},
		shapeCase{file: append([]byte{0, 0, 13, 1}, 0, 0, 0, 1, 0, 0, 0, 0), not: "its third byte is 13, which says that it holds float32 numbers"},
		shapeCase{file: append([]byte{0, 1, 8, 1}, 0, 0, 0, 1, 5), not: "it does not begin with two zeros"},
		shapeCase{file: []byte{0, 0, 8, 3, 0, 0, 0, 1}, not: "it ends before its three lengths do"},
		shapeCase{file: []byte{0, 0, 8}, not: "it is too short for a header"},
		shapeCase{file: []byte{}, not: "it is empty"},
	)
}

// A shapeCase is a file, and why it is not one of bytes.
type shapeCase struct {
	file []byte
	not  string
}

// idxFile makes an IDX file of bytes: http://yann.lecun.com/exdb/mnist describes
// the format.
func idxFile(content []byte, shape ...int) []byte {
	file := []byte{0, 0, 8, byte(len(shape))}
	for _, n := range shape {
		file = binary.BigEndian.AppendUint32(file, uint32(n))
	}
	return append(file, content...)
}

// shapeCaseOf is a call, with the right result and those of typical mistakes.
func shapeCaseOf(k shapeCase) lessons.Case {
	if k.not != "" {
		return lessons.Case{
			Arguments: []any{k.file},
			Shown:     showBytes(k.file),
			Panics:    fmt.Sprintf("fails, expected nil, since this is not an IDX file of bytes: %s. Look at the length and at the first three bytes before you use the rest. ({panic})", k.not),
			Results: []lessons.Result{{
				Want: []int(nil), Nil: true, Words: "nil, since this is not an IDX file of bytes",
				Causes: []lessons.Cause{lessons.Otherwise("%s", k.not)},
			}},
		}
	}
	want := shapeOf(k.file)
	little, product := make([]int, len(want)), 1
	for i, n := range want {
		little[i] = int(binary.LittleEndian.Uint32(k.file[4+4*i:]))
		product *= n
	}
	magic := []int{int(binary.BigEndian.Uint32(k.file))}
	var bytes []int
	for _, b := range k.file[4:] {
		bytes = append(bytes, int(b))
	}
	padded := append(slices.Clone(want), 0, 0, 0)
	causes := []lessons.Cause{
		lessons.Gives([]int(nil), "this is a proper file: its first three bytes are 0 0 8"),
		lessons.Gives(little, "the lengths are read from the wrong end; use `BigEndian`"),
		lessons.Gives(append(slices.Clone(magic), want...), "the first four bytes are the magic number, and not a length; the lengths begin at byte 4"),
		lessons.Gives(append(slices.Clone(magic), want[:len(want)-1]...), "the first four bytes are the magic number, and not a length, and the last length is missing; they begin at byte 4"),
		lessons.Gives(want[1:], "the first length is missing; the lengths begin at byte 4, right after the magic number"),
		lessons.Gives(want[:len(want)-1], "the last length is missing; byte 3 says how many there are"),
		lessons.Gives([]int{product}, "this is how many values there are in all; the result lists the length of each axis"),
		lessons.Gives(bytes, "each byte was taken for a length of its own; four bytes make one"),
		lessons.Gives(padded[:3], "not every file has three axes; byte 3 says how many there are"),
		lessons.Otherwise("byte 3 says how many lengths there are, and they follow from byte 4 on, four bytes each"),
	}
	c := lessons.One(want, causes, k.file)
	c.Shown = showBytes(k.file)
	return c
}

// showBytes shows the beginning of a file.
func showBytes(file []byte) string {
	const shown = 16
	text := strings.Trim(fmt.Sprint(file[:min(len(file), shown)]), "[]")
	if len(file) > shown {
		text += " …"
	}
	return "[" + text + "]"
}

// shapeOf is the reference for proper files.
func shapeOf(file []byte) []int {
	if len(file) < 4 || file[0] != 0 || file[1] != 0 || file[2] != 8 || len(file) < 4+4*int(file[3]) {
		return nil
	}
	shape := make([]int, file[3])
	for i := range shape {
		shape[i] = bigEndianOf(file[4+4*i : 8+4*i])
	}
	return shape
}
