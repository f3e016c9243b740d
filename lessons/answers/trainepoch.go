package answers

import (
	"fashionlab/lessons"
	"fmt"
)

func visibleTrainEpoch() []lessons.Case {
	return each(trainEpochCaseOf, epochCase{randomRegression(37, 3, 4, 7), 3, 0.5})
}

// CheckTrainEpochFurther checks TrainEpoch with batches of one and of all images,
// and with sizes that divide the number of images and that do not.
func CheckTrainEpochFurther(epoch func(weights [][]float64, biases []float64, images [][]float64, labels []int, batchSize int, learningRate float64) ([][]float64, []float64)) error {
	return check("TrainEpoch", epoch, trainEpochCaseOf,
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

// trainEpochCaseOf is a call, with the right result and those of typical mistakes.
func trainEpochCaseOf(k epochCase) lessons.Case {
	n := len(k.images)
	want, wantBiases := epochOf(k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate)
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
	causes := []lessons.Cause{
		lessons.If(lessons.WrongLength, "gives weights of {length} rows, expected %d rows of %d, as they were before", len(want), len(want[0])).Alone(),
		lessons.If(lessons.WrongRowLength, "gives weights of rows of {rowLength}, expected %d rows of %d, as they were before", len(want), len(want[0])).Alone(),
		lessons.Gives(k.weights, "nothing has changed; go through the batches, and take a step for each"),
		lessons.Gives(rows(epochOf(k.weights, k.biases, k.images, k.labels, n, k.rate)), "this is one step with all images; take one step for each batch"),
		lessons.Gives(rows(epochOf(k.weights, k.biases, k.images[:first], k.labels[:first], k.batchSize, k.rate)), "only the first batch was used; go on to the last image"),
		lessons.Gives(rows(epochOf(k.weights, k.biases, k.images[:whole], k.labels[:whole], k.batchSize, k.rate)), "the last, shorter batch is left out; its images count, too"),
		lessons.Gives(onlyLast, "each batch begins with the first weights again, and only the last step is left; go on from the weights of the step before"),
		lessons.Gives(frozen, "all gradients are computed at the first weights; compute each at the weights of the step before"),
		lessons.Gives(summed, "the gradients are summed over a batch and not averaged"),
		lessons.Gives(rows(epochOf(k.weights, k.biases, k.images, k.labels, k.batchSize, -k.rate)), "this goes uphill; a step goes against the gradient"),
		lessons.Gives(rows(epochOf(k.weights, k.biases, k.images, k.labels, 1, k.rate)), "this takes a step for each image; take one for each batch, with the mean gradient of its images"),
		lessons.Gives(rows(epochOf(k.weights, k.biases, k.images, repeated, k.batchSize, k.rate)), "every batch has the labels of the first one; cut the labels in the same way as the images"),
	}
	again, againBiases := epochOf(k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate)
	causes = append(causes,
		lessons.Gives(rows(epochOf(again, againBiases, k.images, k.labels, k.batchSize, k.rate)), "this is two epochs; go through the images once"),
		lessons.Otherwise("for each batch, in order: compute the mean gradients at the present weights, and step"))
	return lessons.Case{
		Arguments: []any{k.weights, k.biases, k.images, k.labels, k.batchSize, k.rate},
		Shown:     fmt.Sprintf("weights, biases, %d images, labels, batchSize %d, learningRate %v", n, k.batchSize, k.rate),
		Results: []lessons.Result{
			{Verb: "gives", Rows: "weights", Want: want, Causes: causes},
			{Want: wantBiases, Causes: []lessons.Cause{lessons.Otherwise("the weights are right and the biases are not: probably they are not passed on from step to step")}},
		},
	}
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
