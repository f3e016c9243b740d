package lessons

// CheckClassMeans checks ClassMeans(images, labels, classes): for each class the
// mean of its images, pixel by pixel, and zeros for a class without images.
func CheckClassMeans(means func(images [][]float64, labels []int, classes int) [][]float64) error {
	return checkTable("ClassMeans", means)
}
