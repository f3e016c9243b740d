package lessons

// CheckBigEndian checks BigEndian(b): the number that four bytes stand for, the
// most significant first.
func CheckBigEndian(bigEndian func(b []byte) int) error {
	return checkTable("BigEndian", bigEndian)
}
