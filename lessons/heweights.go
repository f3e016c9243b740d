package lessons

// CheckHeWeights checks HeWeights(normals, in, out): a layer's first weights, with the
// variance 2/in.
func CheckHeWeights(weights func(normals []float64, in, out int) [][]float64) error {
	return checkTable("HeWeights", weights)
}
