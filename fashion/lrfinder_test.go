package fashion

import (
	"math"
	"testing"
)

// With nearly equal rates, the search is an ordinary training.
func TestALearningRateSearchTrainsAsFitDoes(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		train, _, _ := smallTask(t)
		model, err := smallCNN().WithDropout(0)
		if err != nil {
			t.Fatal(err)
		}
		for _, optimizer := range []Optimizer{SGD(0.02), Adam(0.003)} {
			history, err := initialised(t, model).Fit(train, Training{Epochs: 2, Optimizer: optimizer, Steps: 14})
			if err != nil {
				t.Fatal(err)
			}
			net := initialised(t, model)
			before := net.Weights.Clone()
			curve, err := net.FindLearningRate(train, LRFinder{
				From: optimizer.LearningRate, To: optimizer.LearningRate * (1 + 1e-9), Steps: 14, Optimizer: optimizer.Name,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(curve.Losses) != 14 {
				t.Fatalf("%v: %d losses, want 14", optimizer, len(curve.Losses))
			}
			for k, loss := range curve.Losses {
				if want := float64(history.StepLosses[k]); math.Abs(loss-want) > 1e-3*want {
					t.Errorf("%v, step %d: loss %v, Fit has %v", optimizer, k, loss, want)
				}
			}
			if err := sameWeights(before, net.Weights); err != nil {
				t.Errorf("the search changed the network: %v", err)
			}
		}
	})
}

func TestALearningRateSearchFindsWhereLearningIsFastAndWhereItBreaks(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	curve, err := initialised(t, SoftmaxRegression()).FindLearningRate(train, LRFinder{From: 1e-4, To: 1000, Steps: 80})
	if err != nil {
		t.Fatal(err)
	}
	n := len(curve.Rates)
	if n == 80 || n < 20 {
		t.Errorf("%d steps: the search should have ended when the loss grew", n)
	}
	if len(curve.Losses) != n || len(curve.Smoothed) != n || curve.Optimizer != "sgd" {
		t.Errorf("%d rates, %d losses, %d smoothed ones of %s", n, len(curve.Losses), len(curve.Smoothed), curve.Optimizer)
	}
	factor := math.Pow(1e7, 1./79)
	for k := 1; k < n; k++ {
		if math.Abs(curve.Rates[k]/curve.Rates[k-1]-factor) > 1e-9 {
			t.Fatalf("rate %d is %v times the one before, want %v", k, curve.Rates[k]/curve.Rates[k-1], factor)
		}
	}
	// The moving average by its definition: a weighted mean of all losses so far.
	for k := range n {
		sum, weights := 0.0, 0.0
		for j := range k + 1 {
			w := math.Pow(rateSmoothing, float64(k-j))
			sum, weights = sum+w*curve.Losses[j], weights+w
		}
		if want := sum / weights; math.Abs(curve.Smoothed[k]-want) > 1e-9*want {
			t.Errorf("step %d: smoothed loss %v, want %v", k, curve.Smoothed[k], want)
		}
	}
	if curve.Best <= 1e-3 || curve.Best >= curve.Rates[n-1] || curve.Suggested != curve.Best/10 {
		t.Errorf("the best rate is %v, suggested is %v", curve.Best, curve.Suggested)
	}
}

func TestALearningRateSearchRefusesNonsense(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	net := initialised(t, SoftmaxRegression())
	for what, search := range map[string]LRFinder{
		"a range upside down":    {From: 1, To: 0.1},
		"a negative rate":        {From: -1, To: 1},
		"NaN":                    {From: math.NaN(), To: 1},
		"too few steps":          {Steps: 3},
		"an unknown optimizer":   {Optimizer: "newton"},
		"rates that are too big": {From: 1e37, To: 1e38},
	} {
		if curve, err := net.FindLearningRate(train, search); err == nil {
			t.Errorf("%s was accepted: %v", what, curve.Losses)
		}
	}
}
