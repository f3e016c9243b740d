package lessons

// epochOf is gradient descent with all images in one batch.
func epochOf(weights [][]float64, biases []float64, images [][]float64, labels []int, _ int, rate float64) ([][]float64, []float64) {
	newWeights, newBiases := clone(weights).([][]float64), clone(biases).([]float64)
	step := rate / float64(len(images))
	for i, x := range images {
		for c, e := range lossGradient(linear(weights, biases, x), labels[i]) {
			newBiases[c] -= step * e
			for p, v := range x {
				newWeights[c][p] -= step * e * v
			}
		}
	}
	return newWeights, newBiases
}
