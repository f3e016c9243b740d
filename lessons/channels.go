package lessons

// CheckConvolveChannels checks a convolution with several input and output
// channels and a bias.
func CheckConvolveChannels(f func(image [][][]float64, kernels [][][][]float64, bias []float64, padding int) [][][]float64) error {
	return checkTable("ConvolveChannels", f)
}
