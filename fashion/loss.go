package fashion

import (
	"fmt"
	"math"
	"slices"
)

// CrossEntropy returns the mean over the rows of −log softmax(logits)[label] in nats, as
// torch.nn.functional.cross_entropy does. The tensor holds logits [n classes]; labels has
// n values in [0, classes). Other shapes and labels are errors. The largest logit of each
// row is subtracted first, so large logits do not overflow. A model that guesses among
// ten classes has the loss ln 10 ≈ 2.3026.
func (t *Tensor) CrossEntropy(labels []byte) (float64, error) {
	losses, _, err := scoreRows(t, labels)
	if err != nil {
		return 0, err
	}
	return mean(losses), nil
}

// Accuracy returns the share of rows, from 0 to 1, whose largest logit is that of the
// label; of equal logits the first counts. The tensor holds logits [n classes]; labels has
// n values in [0, classes). Other shapes and labels are errors.
func (t *Tensor) Accuracy(labels []byte) (float64, error) {
	_, predicted, err := scoreRows(t, labels)
	if err != nil {
		return 0, err
	}
	right := 0
	for i, p := range predicted {
		if p == int(labels[i]) {
			right++
		}
	}
	return float64(right) / float64(len(predicted)), nil
}

// scoreRows returns the cross-entropy and the predicted class of each row.
func scoreRows(logits *Tensor, labels []byte) (losses []float64, predicted []int, err error) {
	if len(logits.Shape) != 2 || logits.Shape[1] == 0 {
		return nil, nil, fmt.Errorf("logits have shape %v, want [rows classes]", logits.Shape)
	}
	rows, classes := logits.Shape[0], logits.Shape[1]
	if rows != len(labels) || rows == 0 {
		return nil, nil, fmt.Errorf("%d rows of logits for %d labels, want equally many, and at least 1", rows, len(labels))
	}
	losses, predicted = make([]float64, rows), make([]int, rows)
	for i := range rows {
		row := logits.Data[i*classes : (i+1)*classes]
		if int(labels[i]) >= classes {
			return nil, nil, fmt.Errorf("label %d in row %d, want less than %d", labels[i], i, classes)
		}
		largest := slices.Max(row)
		predicted[i] = classOf(row)
		sum := 0.0
		for _, logit := range row {
			sum += math.Exp(float64(logit) - float64(largest))
		}
		losses[i] = float64(largest) + math.Log(sum) - float64(row[labels[i]])
	}
	return losses, predicted, nil
}

// classOf returns the index of the largest logit in a row, of equal logits the first. It is
// 0 if a logit is NaN.
func classOf(row []float32) int {
	return max(0, slices.Index(row, slices.Max(row))) // NaN is not equal to itself
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
