package fashion

import (
	"math"
	"testing"
)

func TestProbabilitiesOverSixViewsArePyTorchs(t *testing.T) {
	r := readAugmentations(t)
	onEachBackend(t, func(t *testing.T) {
		weights := new(Weights)
		weight := make([]float32, len(r.Weight))
		for i, w := range r.Weight {
			weight[i] = w / 64
		}
		for i, p := range SoftmaxRegression().Parameters() {
			weights.Set(p.Name, &Tensor{Shape: p.Shape, Data: [][]float32{weight, r.Bias}[i]})
		}
		net, err := SoftmaxRegression().WithWeights(weights)
		if err != nil {
			t.Fatal(err)
		}
		if net, err = net.WithViews(SixViews("reflect")...); err != nil {
			t.Fatal(err)
		}
		predictions, err := net.Predict(Image{Pixels: r.pixels, Label: -1})
		if err != nil {
			t.Fatal(err)
		}
		for c, want := range r.Probabilities {
			if got := predictions[0].Probabilities[c]; math.Abs(got-want) > 1e-6 {
				t.Errorf("class %d has the probability %.7f, PyTorch has %.7f", c, got, want)
			}
			if got := predictions[0].Logits[c]; math.Abs(got-math.Log(want)) > 1e-4 {
				t.Errorf("class %d has the logit %.5f, want ln %.5f", c, got, want)
			}
		}
	})
}

func TestViewsGiveTheMeanProbabilityInEveryEvaluation(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		train, validation, _ := smallTask(t)
		plain := initialised(t, smallCNN())
		if _, err := plain.Fit(train, Training{Epochs: 1}); err != nil {
			t.Fatal(err)
		}
		net, err := plain.WithViews(View{}, View{Right: 2, Down: -1, Mode: "zeros"})
		if err != nil {
			t.Fatal(err)
		}
		predictions, err := net.PredictAll(validation)
		if err != nil {
			t.Fatal(err)
		}
		evaluation, err := net.Evaluate(validation)
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := NewTrainer(net, SGD(0.01))
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		inTraining, err := trainer.Evaluate(validation)
		if err != nil {
			t.Fatal(err)
		}
		if inTraining.Loss != evaluation.Loss {
			t.Errorf("the trainer's loss is %v, want that of Evaluate, %v", inTraining.Loss, evaluation.Loss)
		}
		// The second view by hand.
		moved := *validation.Subset().Dataset
		moved.Images = append([]byte(nil), moved.Images...)
		for i := range moved.Len() {
			shift(moved.Images[i*ImagePixels:(i+1)*ImagePixels], 2, -1, "zeros")
		}
		second, err := NewLoader(Subset{Dataset: &moved, Indices: validation.Subset().Indices}, 64)
		if err != nil {
			t.Fatal(err)
		}
		a, err := plain.PredictAll(validation)
		if err != nil {
			t.Fatal(err)
		}
		b, err := plain.PredictAll(second)
		if err != nil {
			t.Fatal(err)
		}
		loss := 0.0
		for i, p := range predictions {
			for c, got := range p.Probabilities {
				if want := (a[i].Probabilities[c] + b[i].Probabilities[c]) / 2; math.Abs(got-want) > 1e-6 {
					t.Fatalf("image %d, class %d: probability %.7f, want the mean %.7f", i, c, got, want)
				}
			}
			loss -= math.Log(p.Probabilities[p.Label]) / float64(len(predictions))
			if p.Predicted != evaluation.Predicted[i] {
				t.Errorf("image %d is of class %d for Predict and of %d for Evaluate", i, p.Predicted, evaluation.Predicted[i])
			}
		}
		if math.Abs(evaluation.Loss-loss) > 1e-5 {
			t.Errorf("the loss is %.6f, want that of the mean probabilities, %.6f", evaluation.Loss, loss)
		}
		without, err := net.WithViews()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := without.PredictAll(validation); err != nil || again[0] != a[0] {
			t.Errorf("without views the network predicts %v, want %v (%v)", again[0], a[0], err)
		}
	})
}

func TestAProbabilityThatUnderflowsHasALogarithm(t *testing.T) {
	net := initialised(t, SoftmaxRegression())
	bias, _ := net.Weights.Get("linear.bias")
	if bias == nil {
		names := net.Weights.Names()
		bias, _ = net.Weights.Get(names[len(names)-1])
	}
	bias.Data[0] = 2000
	net, err := net.WithViews(FlipViews()...)
	if err != nil {
		t.Fatal(err)
	}
	predictions, err := net.Predict(Image{Pixels: make([]byte, ImagePixels)})
	if err != nil {
		t.Fatal(err)
	}
	if logit := predictions[0].Logits[1]; math.Abs(logit+2000) > 1 {
		t.Errorf("the logit of an impossible class is %v, want about -2000", logit)
	}
}

func TestWrongViewsAreErrors(t *testing.T) {
	net := initialised(t, SoftmaxRegression())
	for _, v := range []View{{Right: 1}, {Down: 28, Mode: "zeros"}, {Right: -28, Mode: "reflect"}, {Down: 1, Mode: "wrap"}} {
		if _, err := net.WithViews(v); err == nil {
			t.Errorf("the view %+v was accepted", v)
		}
	}
}
