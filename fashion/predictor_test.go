package fashion

import (
	"math"
	"strings"
	"sync"
	"testing"
)

// floatsOf returns pixels in [0, 1].
func floatsOf(images []byte) []float32 {
	floats := make([]float32, len(images))
	for i, x := range images {
		floats[i] = float32(x) / 255
	}
	return floats
}

func TestAPredictorComputesWhatPredictDoesForEachSizeOfBatch(t *testing.T) {
	onEachBackend(t, func(t *testing.T) {
		data, err := Synthetic(5, 10, 6)
		if err != nil {
			t.Fatal(err)
		}
		loader, err := NewLoader(data.Test.All(), 6)
		if err != nil {
			t.Fatal(err)
		}
		net := initialised(t, CNN())
		want, err := net.PredictAll(loader)
		if err != nil {
			t.Fatal(err)
		}
		predictor, err := net.Predictor(6)
		if err != nil {
			t.Fatal(err)
		}
		defer predictor.Close()
		pixels := floatsOf(data.Test.Images)
		var all sync.WaitGroup
		for n := 1; n <= 6; n++ {
			all.Go(func() {
				logits, err := predictor.Logits(pixels[(6-n)*ImagePixels:])
				if err != nil {
					t.Error(err)
					return
				}
				if logits.Shape[0] != n {
					t.Errorf("shape %v for %d images", logits.Shape, n)
				}
				for i, got := range logits.Data {
					if want := want[6-n+i/NumClasses].Logits[i%NumClasses]; math.Abs(float64(got)-want) > 1e-5 {
						t.Errorf("%d images: logit %d is %v, Predict computes %v", n, i, got, want)
					}
				}
			})
		}
		all.Wait()
	})
}

func TestAPredictorRefusesWhatItCannotCompute(t *testing.T) {
	useBackend(t, "go")
	net := initialised(t, SoftmaxRegression())
	viewed, err := net.WithViews(FlipViews()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := viewed.Predictor(1); err == nil || !strings.Contains(err.Error(), "views") {
		t.Errorf("a network with views: %v", err)
	}
	if _, err := net.Predictor(0); err == nil || !strings.Contains(err.Error(), "0 images") {
		t.Errorf("a batch of 0 images: %v", err)
	}
	predictor, err := net.Predictor(2)
	if err != nil {
		t.Fatal(err)
	}
	for _, pixels := range []int{0, 1, 3 * ImagePixels} {
		if _, err := predictor.Logits(make([]float32, pixels)); err == nil {
			t.Errorf("%d pixels are no error", pixels)
		}
	}
	predictor.Close()
	predictor.Close()
	if _, err := predictor.Logits(make([]float32, ImagePixels)); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a closed predictor: %v", err)
	}
}
