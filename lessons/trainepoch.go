package lessons

// CheckTrainEpoch checks TrainEpoch(weights, biases, images, labels, batchSize,
// learningRate): one step for each batch, in the order of the images, each from
// where the last one led to.
func CheckTrainEpoch(epoch func(weights [][]float64, biases []float64, images [][]float64, labels []int, batchSize int, learningRate float64) ([][]float64, []float64)) error {
	return checkTable("TrainEpoch", epoch)
}
