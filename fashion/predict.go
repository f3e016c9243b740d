package fashion

import (
	"context"
	"fmt"

	"fashionlab/fashion/internal/engine"
)

// Prediction is a network's output for one image.
type Prediction struct {
	// Index is the image's position in its data set.
	Index int `json:"index"`
	// Label is the true class, or -1 if it is unknown.
	Label int `json:"label"`
	// Predicted is the class with the largest logit, of equal logits the first. It is 0
	// if a logit is NaN, since no logit is the largest then. Evaluate uses the same rule.
	Predicted int `json:"predicted"`
	// Logits are the network's ten outputs, and Probabilities their softmax.
	Logits        [NumClasses]float64 `json:"logits"`
	Probabilities [NumClasses]float64 `json:"probabilities"`
}

// Predict classifies images in evaluation mode, and returns one Prediction for each in
// the same order. No images, or an image without 28×28 pixels, are errors.
func (n *Network) Predict(images ...Image) ([]Prediction, error) {
	if len(images) == 0 {
		return nil, fmt.Errorf("predict: no images, want at least 1")
	}
	var pixels []byte
	for _, image := range images {
		if len(image.Pixels) != ImagePixels {
			return nil, fmt.Errorf("predict: image %d has %d pixels, want %d", image.Index, len(image.Pixels), ImagePixels)
		}
		pixels = append(pixels, image.Pixels...)
	}
	data := engine.Data{Images: pixels, Pixels: ImagePixels}
	return n.predict(context.Background(), data, ascending(len(images)), func(i int) (int, int) { return images[i].Index, images[i].Label })
}

// PredictAll is Predict for all images of a loader, in the order of its epoch 0.
func (n *Network) PredictAll(loader *Loader) ([]Prediction, error) {
	return n.PredictAllContext(context.Background(), loader)
}

// PredictAllContext is PredictAll with a context. When the context is done, it returns an
// error after the current batch.
func (n *Network) PredictAllContext(ctx context.Context, loader *Loader) ([]Prediction, error) {
	dataset, indices := loader.Subset().Dataset, loader.Order(0)
	return n.predict(ctx, dataset.data(), indices, func(i int) (int, int) { return int(indices[i]), int(dataset.Labels[indices[i]]) })
}

// predict classifies the images at the given indices. origin returns the index and
// the label of the i-th of them.
func (n *Network) predict(ctx context.Context, data engine.Data, indices []int32, origin func(i int) (index, label int)) ([]Prediction, error) {
	e, err := n.evaluator(n.Model.logits)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	defer e.close()
	logits, err := e.logits(ctx, data, indices)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	probabilities := logits.Softmax()
	predictions := make([]Prediction, len(indices))
	for i := range predictions {
		p := &predictions[i]
		p.Index, p.Label = origin(i)
		for c := range NumClasses {
			p.Logits[c] = float64(logits.Data[i*NumClasses+c])
			p.Probabilities[c] = float64(probabilities.Data[i*NumClasses+c])
		}
		p.Predicted = logits.class(i)
	}
	return predictions, nil
}
