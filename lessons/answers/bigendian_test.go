package answers

import (
	"encoding/binary"
	"testing"

	"fashionlab/lessons"
)

func TestCheckBigEndian(t *testing.T) {
	type answer = func([]byte) int
	right := func(b []byte) int { return int(binary.BigEndian.Uint32(b)) }
	// base reads digits of another base.
	base := func(n int) answer {
		return func(b []byte) int {
			sum := 0
			for _, v := range b {
				sum = sum*n + int(v)
			}
			return sum
		}
	}
	testCheck(t, right, lessons.CheckBigEndian, CheckBigEndianFurther, []wrongCase[answer]{
		{"the stub", func([]byte) int { panic("not implemented") }, "BigEndian is not written yet"},
		{"little-endian", func(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }, "from the wrong end"},
		{"bytes that overflow", func(b []byte) int {
			var n byte
			for i := range b {
				n |= b[i] << (24 - 8*i)
			}
			return int(n)
		}, "turn each byte into an int first"},
		{"added up", base(1), "only added up"},
		{"255", base(255), "not 255 times"},
		{"10", base(10), "not 10 times"},
		{"16", base(16), "not 16 times"},
		{"two bytes", func(b []byte) int { return int(b[2])*256 + int(b[3]) }, "only the last two bytes"},
		{"with a sign", func(b []byte) int { return int(int32(binary.BigEndian.Uint32(b))) }, "a number with a sign"},
		{"another formula", func([]byte) int { return 5 }, "each byte counts 256 times as much as the one after it: "},
	})
}
