package lessons

// CheckPixel checks Pixel(file, i, row, column), which finds a pixel in the bytes
// of an IDX file of images: header of 16 bytes, then image after image, row after
// row.
func CheckPixel(pixel func(file []byte, i, row, column int) byte) error {
	return checkTable("Pixel", pixel)
}
