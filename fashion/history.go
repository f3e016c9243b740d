package fashion

import "fmt"

// History holds the losses and accuracies that a training recorded.
type History struct {
	// Epochs has one entry for each completed epoch. The first has Epoch 1.
	Epochs []EpochResult `json:"epochs"`
	// StepLosses holds the mean loss of each step's batch, in nats, in order.
	StepLosses []float32 `json:"-"`
	// Backend is BackendChoice.String of the last backend.
	Backend string `json:"backend"`
	// Processor is the name of the last processor and the number of its cores. It is empty in
	// runs that were made before it was recorded.
	Processor string `json:"processor,omitempty"`
	// WallSeconds is the duration of the training in seconds until the last saved state, over all
	// processes that trained it: preparation, compilation, steps and validation. It is 0 in runs that
	// were made before it was recorded.
	WallSeconds float64 `json:"wall_seconds,omitempty"`
}

// EpochResult holds the losses and accuracies of one epoch. Losses are
// cross-entropies in nats, accuracies are between 0 and 1.
type EpochResult struct {
	// Epoch counts from 1.
	Epoch int `json:"epoch"`
	// TrainLoss is the mean training loss over all images, each computed before
	// the update with its batch. BatchMeanTrainLoss is the mean over the batches.
	TrainLoss          float64 `json:"train_loss"`
	BatchMeanTrainLoss float64 `json:"batch_mean_train_loss"`
	// Validated reports whether the validation images were evaluated after the epoch.
	Validated bool `json:"validated"`
	// ValLoss and ValAccuracy are means over the validation images.
	ValLoss     float64 `json:"val_loss"`
	ValAccuracy float64 `json:"val_accuracy"`
	// BatchMeanValLoss and BatchMeanValAccuracy are means over the batches of
	// each batch's mean, as the homework computes them.
	BatchMeanValLoss     float64 `json:"batch_mean_val_loss"`
	BatchMeanValAccuracy float64 `json:"batch_mean_val_accuracy"`
	// Averaged reports whether the averaged weights of an EMA were evaluated, too;
	// AveragedValLoss and AveragedValAccuracy are their means over the validation images.
	Averaged            bool    `json:"averaged,omitempty"`
	AveragedValLoss     float64 `json:"averaged_val_loss,omitempty"`
	AveragedValAccuracy float64 `json:"averaged_val_accuracy,omitempty"`
	// LearningRate is that of the epoch's last step if the training has a Schedule, else 0.
	LearningRate float64 `json:"learning_rate,omitempty"`
	// Seconds is the duration of the epoch in seconds, including the validation.
	Seconds float64 `json:"seconds"`
}

// String returns one line with means over the images: "epoch 1: train loss 1.9137,
// validation loss 1.6975, accuracy 0.6173".
func (e EpochResult) String() string {
	text := fmt.Sprintf("epoch %d: train loss %.4f", e.Epoch, e.TrainLoss)
	if e.Validated {
		text += fmt.Sprintf(", validation loss %.4f, accuracy %.4f", e.ValLoss, e.ValAccuracy)
	}
	if e.Averaged {
		text += fmt.Sprintf("; average of the weights: loss %.4f, accuracy %.4f", e.AveragedValLoss, e.AveragedValAccuracy)
	}
	return text
}

// ResultAccuracy returns the accuracy on the validation images of the weights that the training would
// give after this epoch: their average if it was evaluated, else the weights.
func (e EpochResult) ResultAccuracy() float64 {
	if e.Averaged {
		return e.AveragedValAccuracy
	}
	return e.ValAccuracy
}

// TrainLosses returns the TrainLoss of each epoch, in nats.
func (h *History) TrainLosses() []float64 {
	return h.column(func(e EpochResult) float64 { return e.TrainLoss })
}

// ValLosses returns the ValLoss of each epoch, in nats.
func (h *History) ValLosses() []float64 {
	return h.column(func(e EpochResult) float64 { return e.ValLoss })
}

// ValAccuracies returns the ValAccuracy of each epoch, from 0 to 1.
func (h *History) ValAccuracies() []float64 {
	return h.column(func(e EpochResult) float64 { return e.ValAccuracy })
}

// Seconds returns the total duration of the epochs in seconds.
func (h *History) Seconds() float64 {
	total := 0.0
	for _, e := range h.Epochs {
		total += e.Seconds
	}
	return total
}

func (h *History) column(value func(EpochResult) float64) []float64 {
	values := make([]float64, len(h.Epochs))
	for i, e := range h.Epochs {
		values[i] = value(e)
	}
	return values
}
