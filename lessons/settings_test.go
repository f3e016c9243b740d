package lessons

import (
	"math"
	"testing"
)

// What trainings of 10,000 images of Fashion-MNIST came to, with these settings.
var trainings = map[[3]float64]struct {
	losses   []float64
	accuracy float64
}{
	{0.01, 8, 5}:    {[]float64{2.303, 0.696, 0.602, 0.577, 0.532, 0.527}, 0.838},
	{0.001, 128, 5}: {[]float64{2.303, 2.128, 1.994, 1.883, 1.788, 1.706}, 0.640},
	{0.01, 32, 1}:   {[]float64{2.303, 0.955}, 0.693},
	{5, 32, 5}:      {[]float64{2.303, 27.167, 17.910, 23.737, 24.547, 10.750}, 0.749},
	{0.1, 32, 5}:    {[]float64{2.303, 0.649, 0.546, 0.651, 0.727, 0.742}, 0.751},
	{1e308, 8, 5}:   {[]float64{2.303, math.NaN()}, 0.1},
}

func TestCheckSettings(t *testing.T) {
	type answer = func() (float64, int, int)
	fixed := func(rate float64, batchSize, epochs int) answer {
		return func() (float64, int, int) { return rate, batchSize, epochs }
	}
	check := func(settings answer) error {
		rate, batchSize, epochs := settings()
		if err := possibleSettings(rate, batchSize, epochs); err != nil {
			return err
		}
		training, ok := trainings[[3]float64{rate, float64(batchSize), float64(epochs)}]
		if !ok {
			t.Fatalf("nothing is recorded for %v, %d, %d", rate, batchSize, epochs)
		}
		return judgeSettings(rate, batchSize, epochs, training.losses, training.accuracy)
	}
	testCheck(t, fixed(0.01, 8, 5), check, check, []wrongCase[answer]{
		{"too slow", fixed(0.001, 128, 5), "in each epoch, but slowly"},
		{"too short", fixed(0.01, 32, 1), "the loss was still falling in epoch 1"},
		{"too fast", fixed(5, 32, 5), "is too large for batches of this size"},
		{"a little too fast", fixed(0.1, 32, 5), "is too large for batches of this size"},
		{"far too fast", fixed(1e308, 8, 5), "far too large"},
		{"no rate", fixed(0, 10, 5), "returns the learning rate 0;"},
		{"uphill", fixed(-0.1, 10, 5), "returns the learning rate -0.1"},
		{"no batch", fixed(0.1, 0, 5), "returns the batch size 0"},
		{"no epochs", fixed(0.1, 10, 0), "at least 1 is needed"},
		{"too many epochs", fixed(0.1, 10, 50), "at most 5 are allowed"},
	})
}

func TestCheckSettingsOfTheStub(t *testing.T) {
	stub := func() (float64, int, int) { panic("not implemented") }
	expectMessage(t, CheckSettings(stub), "Settings is not written yet")
}

func TestCheckSettingsRefusesNaN(t *testing.T) {
	expectMessage(t, CheckSettings(func() (float64, int, int) { return math.NaN(), 10, 5 }), "returns the learning rate NaN")
}
