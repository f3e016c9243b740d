package lessons

// CheckShape checks Shape(file): the lengths of the axes that the header of an
// IDX file of bytes declares, and nil for what is no such file.
func CheckShape(shape func(file []byte) []int) error {
	return checkTable("Shape", shape)
}
