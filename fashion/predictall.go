package fashion

import "fmt"

// PredictAll classifies all images of a loader, in its order and in evaluation
// mode. It takes as many images as there are: they pass through the network in
// batches, where Predict takes all of its images at once.
func PredictAll(net *Network, loader *Loader) ([]Prediction, error) {
	backend, _, err := DefaultBackend()
	if err != nil {
		return nil, err
	}
	e, err := newEvaluator(backend, net.Model)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	defer e.close()
	weights, err := net.deviceWeights()
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	dataset, indices := loader.Subset().Dataset, loader.Order(0)
	logits, err := e.logits(weights, dataset, indices)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	probabilities := logits.Softmax()
	predictions := make([]Prediction, len(indices))
	for i, index := range indices {
		p := &predictions[i]
		p.Index, p.Label = int(index), int(dataset.Labels[index])
		for c := range NumClasses {
			p.Logits[c] = float64(logits.Data[i*NumClasses+c])
			p.Probabilities[c] = float64(probabilities.Data[i*NumClasses+c])
			if p.Logits[c] > p.Logits[p.Predicted] {
				p.Predicted = c
			}
		}
	}
	return predictions, nil
}
