package fashion

import (
	"math"
	"testing"
)

func TestPredictAllAgreesWithPredictAndEvaluate(t *testing.T) {
	useBackend(t, "go")
	data, err := Synthetic(5, 10, evaluationBatch+30) // more than one batch
	if err != nil {
		t.Fatal(err)
	}
	loader, err := NewLoader(data.Test.All(), 64)
	if err != nil {
		t.Fatal(err)
	}
	net := initialised(t, SoftmaxRegression())
	all, err := net.PredictAll(loader)
	if err != nil {
		t.Fatal(err)
	}
	result, err := net.Evaluate(loader)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != data.Test.Len() {
		t.Fatalf("%d predictions of %d images", len(all), data.Test.Len())
	}
	for i, p := range all {
		if p.Index != i || p.Label != int(data.Test.Labels[i]) || p.Predicted != result.Predicted[i] {
			t.Errorf("prediction %d: index %d, label %d, predicted %d; want label %d, predicted %d", i, p.Index, p.Label, p.Predicted, data.Test.Labels[i], result.Predicted[i])
		}
	}
	for _, i := range []int{0, evaluationBatch + 29} {
		image, err := data.Test.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		one, err := net.Predict(image)
		if err != nil {
			t.Fatal(err)
		}
		for c := range NumClasses {
			if math.Abs(one[0].Logits[c]-all[i].Logits[c]) > 1e-5 || math.Abs(one[0].Probabilities[c]-all[i].Probabilities[c]) > 1e-5 {
				t.Errorf("image %d, class %d: Predict says %v, PredictAll %v", i, c, one[0].Probabilities[c], all[i].Probabilities[c])
			}
		}
	}
	if _, err := (&Network{Model: net.Model, Weights: new(Weights)}).PredictAll(loader); err == nil {
		t.Error("a network without weights predicts")
	}
}

// NaN is neither larger nor smaller than other logits, infinity is the largest.
func TestPredictPredictAllAndEvaluateAgreeOnLogitsThatAreNotFinite(t *testing.T) {
	data, err := Synthetic(5, 10, 4)
	if err != nil {
		t.Fatal(err)
	}
	loader := newLoader(t, data.Test.All(), 2)
	image, err := data.Test.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	onEachBackend(t, func(t *testing.T) {
		for _, class := range []int{0, 3, NumClasses - 1} {
			for value, want := range map[float64]int{math.NaN(): 0, math.Inf(1): class} {
				net := initialised(t, SoftmaxRegression())
				bias, _ := net.Weights.Get("linear.bias")
				bias.Data[class] = float32(value)
				one, err := net.Predict(image)
				if err != nil {
					t.Fatal(err)
				}
				all, err := net.PredictAll(loader)
				if err != nil {
					t.Fatal(err)
				}
				result, err := net.Evaluate(loader)
				if err != nil {
					t.Fatal(err)
				}
				if one[0].Predicted != want || all[0].Predicted != want || result.Predicted[0] != want {
					t.Errorf("%v as the logit of class %d: Predict says %d, PredictAll %d, Evaluate %d, want %d",
						value, class, one[0].Predicted, all[0].Predicted, result.Predicted[0], want)
				}
			}
		}
	})
}
