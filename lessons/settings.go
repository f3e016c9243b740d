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
// SettingsEpochs on 2,000 others.
func CheckSettings(settings func() (learningRate float64, batchSize, epochs int)) error {
	return passed.note(CheckSettingsFrom(settings, 0), "Settings: the training reaches the accuracy")
}

// CheckSettingsFrom does so with images from a position on.
func CheckSettingsFrom(settings func() (learningRate float64, batchSize, epochs int), from int) error {
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
	losses, accuracy, err := trainWith(data.Train, from, rate, batchSize, epochs)
	if err != nil {
		return err
	}
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

// trainWith trains a softmax regression on images from a position on, and returns the mean losses on those
// behind them, before the training and after each epoch, and the accuracy on them at the end.
func trainWith(set *fashion.Dataset, from int, rate float64, batchSize, epochs int) (losses []float64, accuracy float64, err error) {
	part := func(from, n int) fashion.Subset {
		subset := fashion.Subset{Dataset: set}
		for i := range n {
			subset.Indices = append(subset.Indices, int32(from+i))
		}
		return subset
	}
	learn, err := fashion.NewLoader(part(from, settingsImages), batchSize, fashion.Shuffle(1))
	if err != nil {
		return nil, 0, err
	}
	hold, err := fashion.NewLoader(part(from+settingsImages, settingsValidation), 500)
	if err != nil {
		return nil, 0, err
	}
	net, err := fashion.SoftmaxRegression().Init(1)
	if err != nil {
		return nil, 0, err
	}
	before, err := net.Evaluate(hold)
	if err != nil {
		return nil, 0, err
	}
	losses = append(losses, before.Loss)
	history, err := net.Fit(learn, fashion.Training{Epochs: epochs, Optimizer: fashion.SGD(rate), Validation: hold, Seed: 1})
	if history == nil {
		return nil, 0, err
	}
	losses = append(losses, history.ValLosses()...)
	if err != nil { // the loss is no number
		return append(losses, math.NaN()), 0, nil
	}
	accuracies := history.ValAccuracies()
	return losses, accuracies[len(accuracies)-1], nil
}
