package lessons

import (
	"fmt"
	"math"

	"fashionlab/fashion"
)

// What CheckSettings trains, and what must be reached.
const (
	settingsImages     = 10000 // to train on, the first of the training images
	settingsValidation = 2000  // to validate with, behind them
	// SettingsEpochs is how many epochs the settings may use.
	SettingsEpochs = 5
	// SettingsAccuracy is the validation accuracy that they must reach.
	SettingsAccuracy = 0.80
)

// CheckSettings trains a softmax regression with the learning rate, batch size
// and number of epochs that settings returns, on 10,000 training images of
// Fashion-MNIST, and checks that it reaches SettingsAccuracy within
// SettingsEpochs on 2,000 others. It trains with plain Go, so that the result
// is the same on every backend.
func CheckSettings(settings func() (learningRate float64, batchSize, epochs int)) error {
	return passed.note(checkSettings(settings, 0), "Settings: the training reaches the accuracy")
}

// CheckSettingsFurther is CheckSettings on other images.
func CheckSettingsFurther(settings func() (learningRate float64, batchSize, epochs int)) error {
	return checkSettings(settings, 20000)
}

func checkSettings(settings func() (learningRate float64, batchSize, epochs int), from int) error {
	call := callOf("Settings")
	var rate float64
	var batchSize, epochs int
	if err := call.run(func() { rate, batchSize, epochs = settings() }); err != nil {
		return err
	}
	if err := possibleSettings(rate, batchSize, epochs); err != nil {
		return err
	}
	data, err := fashion.Load()
	if err != nil {
		return err
	}
	images, labels, err := scaledImages(data.Train, from, from+settingsImages+settingsValidation)
	if err != nil {
		return err
	}
	losses, accuracy := trainPlainly(images, labels, settingsImages, rate, batchSize, epochs)
	return judgeSettings(rate, batchSize, epochs, losses, accuracy)
}

// possibleSettings reports settings that nothing can be trained with.
func possibleSettings(rate float64, batchSize, epochs int) error {
	call := callOf("Settings")
	switch {
	case math.IsNaN(rate) || math.IsInf(rate, 0) || rate <= 0:
		return call.failf("returns the learning rate %v; it is a positive number, usually below 1", rate)
	case batchSize < 1 || batchSize > settingsImages:
		return call.failf("returns the batch size %d; a batch has 1 to %d images here", batchSize, settingsImages)
	case epochs < 1:
		return call.failf("returns %d epochs; at least 1 is needed to learn anything", epochs)
	case epochs > SettingsEpochs:
		return call.failf("returns %d epochs; at most %d are allowed, so use a larger learning rate or smaller batches", epochs, SettingsEpochs)
	}
	return nil
}

// judgeSettings says what a training with these settings has shown: the
// validation losses before it and after each epoch, and the accuracy at its end.
func judgeSettings(rate float64, batchSize, epochs int, losses []float64, accuracy float64) error {
	if accuracy >= SettingsAccuracy {
		return nil
	}
	first, last, lowest := losses[0], losses[len(losses)-1], losses[0]
	for _, loss := range losses {
		lowest = min(lowest, loss)
	}
	var cause string
	switch {
	case math.IsNaN(last) || math.IsInf(last, 0):
		cause = "the loss is no longer a number: probably the learning rate is far too large"
	case last > first || last > 1.2*lowest || largestRise(losses) > 0.1*lowest:
		cause = "the loss jumps up and down: probably the learning rate is too large for batches of this size"
	case last > lowest:
		cause = "the loss has stopped falling, and rises a little at the end: probably the learning rate is too large for batches of this size"
	case epochs < SettingsEpochs:
		cause = fmt.Sprintf("the loss was still falling in epoch %d; %d epochs are allowed", epochs, SettingsEpochs)
	default:
		cause = "the loss falls in each epoch, but slowly; a larger learning rate, or smaller batches and so more steps, get farther in the same epochs"
	}
	return fmt.Errorf("with learning rate %v, batches of %d and %d epochs the model reaches a validation accuracy of %.3f, expected at least %v. Validation losses from before the training on: %.3f: %s",
		rate, batchSize, epochs, accuracy, SettingsAccuracy, losses, cause)
}

// largestRise is the largest rise from one value to the next.
func largestRise(values []float64) float64 {
	rise := 0.0
	for i := 1; i < len(values); i++ {
		rise = max(rise, values[i]-values[i-1])
	}
	return rise
}

// scaledImages returns images from to to-1 with pixels in [0, 1], and their labels.
func scaledImages(set *fashion.Dataset, from, to int) (images [][]float64, labels []int, err error) {
	for i := from; i < to; i++ {
		image, err := set.Image(i)
		if err != nil {
			return nil, nil, err
		}
		images = append(images, scaleOf(image.Pixels, func(v float64) float64 { return v / 255 }))
		labels = append(labels, image.Label)
	}
	return images, labels, nil
}

// trainPlainly trains a softmax regression, from weights of zero, on the first n
// images in a random order, and returns the mean losses on the others, before
// the training and after each epoch, and the accuracy on them at the end.
func trainPlainly(images [][]float64, labels []int, n int, rate float64, batchSize, epochs int) (losses []float64, accuracy float64) {
	classes, pixels := fashion.NumClasses, len(images[0])
	weights, biases := make([][]float64, classes), make([]float64, classes)
	for c := range weights {
		weights[c] = make([]float64, pixels)
	}
	validate := func() {
		loss, right := 0.0, 0
		for i := n; i < len(images); i++ {
			z := linear(weights, biases, images[i])
			loss += logitLoss(z, labels[i])
			if largest(z) == labels[i] {
				right++
			}
		}
		losses = append(losses, loss/float64(len(images)-n))
		accuracy = float64(right) / float64(len(images)-n)
	}
	validate()
	random := newRandom(1)
	batchErrors := make([][]float64, 0, batchSize)
	for range epochs {
		order := random.Perm(n)
		for start := 0; start < n; start += batchSize {
			batch := order[start:min(start+batchSize, n)]
			batchErrors = batchErrors[:0]
			for _, i := range batch {
				batchErrors = append(batchErrors, lossGradient(linear(weights, biases, images[i]), labels[i]))
			}
			scale := rate / float64(len(batch))
			for b, i := range batch {
				for c, e := range batchErrors[b] {
					biases[c] -= scale * e
					row := weights[c]
					for p, v := range images[i] {
						row[p] -= scale * e * v
					}
				}
			}
		}
		validate()
		if math.IsNaN(losses[len(losses)-1]) {
			break
		}
	}
	return losses, accuracy
}
