package lessons

// CheckScale checks Scale(pixels): each byte divided by 255.
func CheckScale(scale func(pixels []byte) []float64) error {
	return checkTable("Scale", scale)
}
