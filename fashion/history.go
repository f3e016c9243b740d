package fashion

import "fmt"

// History is what a training recorded.
type History struct {
	// Epochs has one entry for each epoch completed, the first with Epoch 1.
	Epochs []EpochResult `json:"epochs"`
	// StepLosses is the mean loss of each batch, in nats, in order.
	StepLosses []float32 `json:"-"`
	// Backend is the line that says which backend computed last.
	Backend string `json:"backend"`
}

// EpochResult is one epoch's figures; losses are cross-entropies in nats.
type EpochResult struct {
	// Epoch counts from 1.
	Epoch int `json:"epoch"`
	// TrainLoss is the mean over all images, each as its batch was trained on;
	// BatchMeanTrainLoss the mean over the batches.
	TrainLoss          float64 `json:"train_loss"`
	BatchMeanTrainLoss float64 `json:"batch_mean_train_loss"`
	// Validated says whether there was a validation after the epoch.
	Validated bool `json:"validated"`
	// ValLoss and ValAccuracy are exact means over the validation images.
	ValLoss     float64 `json:"val_loss"`
	ValAccuracy float64 `json:"val_accuracy"`
	// BatchMeanValLoss and BatchMeanValAccuracy are the means of the batches'
	// means, as the homework computes them.
	BatchMeanValLoss     float64 `json:"batch_mean_val_loss"`
	BatchMeanValAccuracy float64 `json:"batch_mean_val_accuracy"`
	// Seconds is the time of the epoch, validation included.
	Seconds float64 `json:"seconds"`
}

// String is one line: "epoch 1: train loss 1.9137, validation loss 1.6975, accuracy
// 0.6173", with means over the images.
func (e EpochResult) String() string {
	text := fmt.Sprintf("epoch %d: train loss %.4f", e.Epoch, e.TrainLoss)
	if e.Validated {
		text += fmt.Sprintf(", validation loss %.4f, accuracy %.4f", e.ValLoss, e.ValAccuracy)
	}
	return text
}

// TrainLosses lists each epoch's TrainLoss.
func (h *History) TrainLosses() []float64 {
	return h.column(func(e EpochResult) float64 { return e.TrainLoss })
}

// ValLosses lists each epoch's ValLoss.
func (h *History) ValLosses() []float64 {
	return h.column(func(e EpochResult) float64 { return e.ValLoss })
}

// ValAccuracies lists each epoch's ValAccuracy.
func (h *History) ValAccuracies() []float64 {
	return h.column(func(e EpochResult) float64 { return e.ValAccuracy })
}

// Seconds is the time that all epochs took together.
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
