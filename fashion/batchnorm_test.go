package fashion

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// PyTorch refuses where batch·height·width is 1 (torch.nn.functional._verify_batch_size).
func TestBatchNormOfOneValueIsRefusedBeforeTraining(t *testing.T) {
	pooledToOnePixel := NewModel("one_pixel", MaxPool2D(28), BatchNorm2D(1), Flatten(), Linear(1, 10))
	size := regexp.MustCompile(`batches of (\d+) work`)
	for _, c := range []struct {
		model                *Model
		images, batch, steps int
		refused              bool
	}{
		{CNNv3(), 50000, 1, 1, true},
		{CNNv3(), 1, 1, 1, true},
		{CNNv3(), 50000, 128, 1000, false},
		{CNNv3(), 257, 64, 5, true},
		{CNNv3(), 257, 64, 4, false}, // the training ends before the last batch
		{CNNv3(), 258, 64, 5, false},
		{CNNv3(), 3, 2, 2, true},
		{CNNv3(), 50001, 50000, 2, true},
		{pooledToOnePixel, 257, 64, 5, true},
		{pooledToOnePixel, 256, 64, 5, false},
		{CNNv2(), 257, 64, 5, false}, // rows and columns are values too
		{CNNv2(), 50000, 1, 1, false},
		{SoftmaxRegression(), 257, 1, 5, false},
	} {
		err := c.model.checkBatches(c.images, c.batch, c.steps)
		if (err != nil) != c.refused {
			t.Errorf("%s, %d images in batches of %d, %d steps: %v", c.model.Name(), c.images, c.batch, c.steps, err)
			continue
		}
		if err == nil {
			continue
		}
		if found := size.FindStringSubmatch(err.Error()); found != nil {
			batch, convErr := strconv.Atoi(found[1])
			if convErr != nil {
				t.Fatal(convErr)
			}
			if again := c.model.checkBatches(c.images, batch, 1+c.images/batch); again != nil {
				t.Errorf("%v: the advice does not work: %v", err, again)
			}
		} else if !strings.Contains(err.Error(), "2 or more") {
			t.Errorf("%q does not say which sizes work", err)
		}
	}
}

func TestFitStepFindRateAndForwardRefuseBatchNormOfOneValue(t *testing.T) {
	useBackend(t, "go")
	train, _, _ := smallTask(t)
	lone, err := NewLoader(train.Subset(), 599)
	if err != nil {
		t.Fatal(err)
	}
	net := initialised(t, smallCNN())
	_, fit := net.Fit(lone, Training{Epochs: 1, Run: t.TempDir() + "/r"})
	single := Batch{Images: make([]byte, ImagePixels), Labels: []byte{0}}
	_, forward := net.ForwardInTraining(single, 1)
	_, find := net.FindLearningRate(lone, LRFinder{})
	trainer, err := NewTrainer(net, SGD(0.1))
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	_, step := trainer.Step(single)
	for what, err := range map[string]error{"Fit": fit, "ForwardInTraining": forward, "FindLearningRate": find, "Step": step} {
		if err == nil || !strings.Contains(err.Error(), "want at least 2 for batch norm") || !strings.Contains(err.Error(), "fc.1") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := net.Forward(single, nil); err != nil {
		t.Errorf("one image in evaluation: %v", err)
	}
}
