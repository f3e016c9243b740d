package answers

import "fashionlab/lessons"

func visibleBigEndian() []lessons.Case {
	return each(bigEndianCaseOf, []byte{0, 0, 0, 28}, []byte{0, 0, 234, 96})
}

// CheckBigEndianFurther checks BigEndian where all four bytes count, and where
// they are as large as can be.
func CheckBigEndianFurther(bigEndian func(b []byte) int) error {
	return check("BigEndian", bigEndian, bigEndianCaseOf, []byte{0, 0, 39, 16}, []byte{0, 0, 8, 3}, []byte{1, 2, 3, 4},
		[]byte{0, 0, 0, 0}, []byte{0, 1, 0, 0}, []byte{255, 255, 255, 255})
}

// bigEndianCaseOf is a call, with the right result and those of typical mistakes.
func bigEndianCaseOf(b []byte) lessons.Case {
	want := bigEndianOf(b)
	x := [4]int{int(b[0]), int(b[1]), int(b[2]), int(b[3])}
	causes := []lessons.Cause{
		lessons.Gives(bigEndianOf([]byte{b[3], b[2], b[1], b[0]}), "the bytes are read from the wrong end; the first one is the most significant (big-endian)"),
		lessons.Gives(x[3], "only the last byte is left; in Go, `b[2] << 8` is a byte again and loses what does not fit, so turn each byte into an int first: `int(b[2]) << 8`"),
		lessons.Gives(x[0]+x[1]+x[2]+x[3], "the bytes are only added up; each counts 256 times as much as the one after it"),
		lessons.Gives(((x[0]*255+x[1])*255+x[2])*255+x[3], "a byte has 256 values, so each place counts 256 times as much as the next, not 255 times"),
		lessons.Gives(((x[0]*10+x[1])*10+x[2])*10+x[3], "each place counts 256 times as much as the next, not 10 times; a byte is a digit with 256 values"),
		lessons.Gives(((x[0]*16+x[1])*16+x[2])*16+x[3], "each place counts 256 times as much as the next, not 16 times; a byte is two hexadecimal digits"),
		lessons.Gives(x[2]*256+x[3], "only the last two bytes are used; larger numbers need all four"),
		lessons.Gives(int(int32(uint32(want))), "this is a number with a sign; the bytes of an IDX file are a number without one"),
		lessons.Otherwise("each byte counts 256 times as much as the one after it: `b[0]·256³ + b[1]·256² + b[2]·256 + b[3]`"),
	}
	return lessons.One(want, causes, b)
}

// bigEndianOf is the reference.
func bigEndianOf(b []byte) int {
	n := 0
	for _, v := range b {
		n = n*256 + int(v)
	}
	return n
}
