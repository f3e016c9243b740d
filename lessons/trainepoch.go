package lessons

// CheckTrainEpoch checks TrainEpoch(weights, biases, images, labels, batchSize,
// learningRate): one step for each batch, in the order of the images, each from
// where the last one led to.
func CheckTrainEpoch(epoch func(weights [][]float64, biases []float64, images [][]float64, labels []int, batchSize int, learningRate float64) ([][]float64, []float64)) error {
	return checkTrainEpoch(epoch, epochCase{randomRegression(37, 3, 4, 7), 3, 0.5})
}

// CheckTrainEpochFurther checks TrainEpoch with batches of one and of all images,
// and with sizes that divide the number of images and that do not.
func CheckTrainEpochFurther(epoch func(weights [][]float64, biases []float64, images [][]float64, labels []int, batchSize int, learningRate float64) ([][]float64, []float64)) error {
	return checkTrainEpoch(epoch,
		epochCase{randomRegression(41, 3, 4, 6), 3, 0.5},
		epochCase{randomRegression(43, 4, 3, 5), 1, 0.25},
		epochCase{randomRegression(47, 4, 3, 5), 5, 1},
		epochCase{randomRegression(53, 2, 3, 4), 100, 1},
		epochCase{randomRegression(59, 10, 8, 33), 8, 0.1},
	)
}

type epochCase struct {
	regressionCase
	batchSize int
	rate      float64
}

func checkTrainEpoch(epoch func(weights [][]float64, biases []float64, images [][]float64, labels []int, batchSize int, learningRate float64) ([][]float64, []float64), cases ...epochCase) error {
	for _, k := range cases {
		n := len(k.images)
		call := callOf("TrainEpoch", k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate).
			showing("weights, biases, %d images, labels, batchSize %d, learningRate %v", n, k.batchSize, k.rate)
		var got [][]float64
		var gotBiases []float64
		if err := call.run(func() {
			got, gotBiases = epoch(k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate)
		}); err != nil {
			return err
		}
		want, wantBiases := epochOf(k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate)
		if alikeRows(got, want) && alikeAll(gotBiases, wantBiases) {
			continue
		}
		rows := func(weights [][]float64, _ []float64) [][]float64 { return weights }
		first, whole := min(k.batchSize, n), n/k.batchSize*k.batchSize
		lastStart := (n - 1) / k.batchSize * k.batchSize
		onlyLast := rows(epochOf(k.weights, k.biases, k.images[lastStart:], k.labels[lastStart:], k.batchSize, k.rate))
		repeated := make([]int, n)
		for i := range repeated {
			repeated[i] = k.labels[i%k.batchSize]
		}
		// Gradients that are not computed anew, but at the first weights.
		frozen, frozenBiases := k.weights, k.biases
		summed, summedBiases := k.weights, k.biases
		for start := 0; start < n; start += k.batchSize {
			x, labels := k.images[start:min(start+k.batchSize, n)], k.labels[start:min(start+k.batchSize, n)]
			dw, db := meanGradients(k.weights, k.biases, x, labels)
			frozen, frozenBiases = stepOf(frozen, frozenBiases, dw, db, k.rate)
			dw, db = meanGradients(summed, summedBiases, x, labels)
			summed, summedBiases = stepOf(summed, summedBiases, dw, db, k.rate*float64(len(x)))
		}
		mistakes := []mistake[[][]float64]{
			{k.weights, "nothing has changed; go through the batches, and take a step for each"},
			{rows(epochOf(k.weights, k.biases, k.images, k.labels, n, k.rate)), "this is one step with all images; take one step for each batch"},
			{rows(epochOf(k.weights, k.biases, k.images[:first], k.labels[:first], k.batchSize, k.rate)), "only the first batch was used; go on to the last image"},
			{rows(epochOf(k.weights, k.biases, k.images[:whole], k.labels[:whole], k.batchSize, k.rate)), "the last, shorter batch is left out; its images count, too"},
			{onlyLast, "each batch begins with the first weights again, and only the last step is left; go on from the weights of the step before"},
			{frozen, "all gradients are computed at the first weights; compute each at the weights of the step before"},
			{summed, "the gradients are summed over a batch and not averaged"},
			{rows(epochOf(k.weights, k.biases, k.images, k.labels, k.batchSize, -k.rate)), "this goes uphill; a step goes against the gradient"},
			{rows(epochOf(k.weights, k.biases, k.images, k.labels, 1, k.rate)), "this takes a step for each image; take one for each batch, with the mean gradient of its images"},
			{rows(epochOf(k.weights, k.biases, k.images, repeated, k.batchSize, k.rate)), "every batch has the labels of the first one; cut the labels in the same way as the images"},
		}
		again, againBiases := epochOf(k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate)
		mistakes = append(mistakes, mistake[[][]float64]{rows(epochOf(again, againBiases, k.images, k.labels, k.batchSize, k.rate)), "this is two epochs; go through the images once"})
		if alikeRows(got, want) {
			return call.wrong(gotBiases, wantBiases, "the weights are right and the biases are not; pass them on from step to step, too")
		}
		if len(got) != len(want) || len(got) > 0 && len(got[0]) != len(want[0]) {
			return call.failf("gives weights of %d rows, want %d rows of %d, as they were before", len(got), len(want), len(want[0]))
		}
		at, p := firstRowDifference(got, want)
		return call.failf("gives the weights[%d][%d] %s, want %s: %s", at, p, show(got[at][p]), show(want[at][p]),
			likelyCause(got, alikeRows, "for each batch, in order: compute the mean gradients at the present weights, and step", mistakes...))
	}
	return nil
}

// firstRowDifference returns the first row and column at which two matrices of the
// same shape differ.
func firstRowDifference(got, want [][]float64) (row, column int) {
	for i := range want {
		if c := firstDifference(got[i], want[i], tolerance); c >= 0 && c < len(got[i]) && c < len(want[i]) {
			return i, c
		}
	}
	return 0, 0
}

// epochOf is the reference.
func epochOf(weights [][]float64, biases []float64, images [][]float64, labels []int, batchSize int, rate float64) ([][]float64, []float64) {
	for start := 0; start < len(images); start += batchSize {
		end := min(start+batchSize, len(images))
		dw, db := meanGradients(weights, biases, images[start:end], labels[start:end])
		weights, biases = stepOf(weights, biases, dw, db, rate)
	}
	return weights, biases
}
