package fashion

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// augmentationReference is what testdata/pytorch/augmentation.py recorded of torchvision.
type augmentationReference struct {
	Pixels, Flipped string
	Crops           []struct {
		N, Top, Left int
		Mode, Pixels string
	}
	Erased []struct {
		Top, Left, Height, Width int
		Value                    float64
		Pixels                   string
	}
	ErasedMeans      []float64 `json:"erased_means"`
	ErasedDeviations []float64 `json:"erased_deviations"`
	ErasedDefaults   string    `json:"erased_defaults"`
	Weight, Bias     []float32
	Probabilities    []float64
	pixels           []byte
}

func readAugmentations(t *testing.T) augmentationReference {
	t.Helper()
	text, err := os.ReadFile("testdata/pytorch/augmentation.json")
	if err != nil {
		t.Fatal(err)
	}
	var r augmentationReference
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.pixels, err = hex.DecodeString(r.Pixels); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFlipsShiftsAndErasedRectanglesAreTorchvisions(t *testing.T) {
	r := readAugmentations(t)
	check := func(what, want string, change func(pixels []byte)) {
		t.Helper()
		pixels := slices.Clone(r.pixels)
		if change(pixels); hex.EncodeToString(pixels) != want {
			t.Errorf("%s: other pixels than torchvision's", what)
		}
	}
	check("flip", r.Flipped, flip)
	if len(r.Crops) == 0 || len(r.Erased) == 0 {
		t.Fatal("the reference has no crops or no erased rectangles")
	}
	for _, c := range r.Crops {
		// A crop that begins further to the right moves the image to the left.
		check(RandomShift(c.N, c.Mode).String(), c.Pixels, func(p []byte) { shift(p, c.N-c.Left, c.N-c.Top, c.Mode) })
	}
	for _, e := range r.Erased {
		check("erase", e.Pixels, func(p []byte) { eraseRectangle(p, e.Top, e.Left, e.Height, e.Width, e.Value) })
	}
	if got := RandomErasing(0.5).String(); got != strings.Replace(r.ErasedDefaults, ", inplace=False", "", 1) {
		t.Errorf("the defaults are %s, torchvision's are %s", got, r.ErasedDefaults)
	}
}

// augmentedBatch returns a batch of n white images with positions from first.
func augmentedBatch(n, first int) Batch {
	b := Batch{Images: bytes.Repeat([]byte{255}, n*ImagePixels), Labels: make([]byte, n)}
	for i := range n {
		b.Indices = append(b.Indices, int32(first+i))
	}
	return b
}

func augment(t *testing.T, b Batch, epoch int, seed uint64, list ...Augmentation) [][]byte {
	t.Helper()
	b, err := Augment(b, epoch, seed, list...)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(b.Images, ImagePixels))
}

func TestErasedRectanglesHaveTorchvisionsDistribution(t *testing.T) {
	r := readAugmentations(t)
	const n = 20000
	sums := make([]float64, 4)
	for _, pixels := range augment(t, augmentedBatch(n, 0), 0, 3, RandomErasing(1)) {
		first, last := bytes.IndexByte(pixels, 0), bytes.LastIndexByte(pixels, 0)
		sums[0] += float64(first / ImageWidth)
		sums[1] += float64(first % ImageWidth)
		sums[2] += float64(last/ImageWidth - first/ImageWidth + 1)
		sums[3] += float64(last%ImageWidth - first%ImageWidth + 1)
	}
	for i, name := range []string{"top", "left", "height", "width"} {
		// Five standard errors of the difference to the mean of torchvision's 100,000.
		bound := 5 * r.ErasedDeviations[i] * math.Sqrt(1./n+1./100000)
		if mean := sums[i] / n; math.Abs(mean-r.ErasedMeans[i]) > bound {
			t.Errorf("mean %s %.3f, torchvision has %.3f ± %.3f", name, mean, r.ErasedMeans[i], bound)
		}
	}
}

// wantShare tests a count against a binomial distribution, within five standard deviations.
func wantShare(t *testing.T, what string, count, n int, p float64) {
	t.Helper()
	if bound := 5 * math.Sqrt(float64(n)*p*(1-p)); math.Abs(float64(count)-float64(n)*p) > bound {
		t.Errorf("%s: %d of %d, want %.0f ± %.0f", what, count, n, float64(n)*p, bound)
	}
}

func TestChangesHaveTheirProbability(t *testing.T) {
	const n = 20000
	b := augmentedBatch(n, 0)
	for i := range n { // a mark from which a flip and a shift can be read
		clear(b.Images[i*ImagePixels : (i+1)*ImagePixels])
		b.Images[i*ImagePixels+10*ImageWidth+10] = 255
	}
	where := func(pixels []byte) (right, down int) {
		at := bytes.IndexByte(pixels, 255)
		return at%ImageWidth - 10, at/ImageWidth - 10
	}
	for _, p := range []float64{0, 0.3, 1} {
		flipped := 0
		for _, pixels := range augment(t, b, 1, 5, RandomHorizontalFlip(p)) {
			if right, _ := where(pixels); right != 0 {
				flipped++
			}
		}
		wantShare(t, RandomHorizontalFlip(p).String(), flipped, n, p)
		erased := 0
		for _, pixels := range augment(t, augmentedBatch(n, 0), 1, 5, RandomErasing(p)) {
			if bytes.IndexByte(pixels, 0) >= 0 {
				erased++
			}
		}
		wantShare(t, RandomErasing(p).String(), erased, n, p)
	}
	counts := map[[2]int]int{}
	for _, pixels := range augment(t, b, 1, 5, RandomCrop(1)) {
		right, down := where(pixels)
		counts[[2]int{right, down}]++
	}
	for right := -1; right <= 1; right++ {
		for down := -1; down <= 1; down++ {
			wantShare(t, "a shift", counts[[2]int{right, down}], n, 1./9)
		}
	}
}

func TestAlternatingFlipShowsEachImageBothWaysInTwoEpochs(t *testing.T) {
	r := readAugmentations(t)
	const n = 2000
	b := augmentedBatch(n, 0)
	b.Images = bytes.Repeat(r.pixels, n)
	first, next, after := augment(t, b, 0, 7, AlternatingFlip()), augment(t, b, 1, 7, AlternatingFlip()), augment(t, b, 2, 7, AlternatingFlip())
	flipped := 0
	for i, pixels := range first {
		if hex.EncodeToString(pixels) == r.Flipped {
			flipped++
		}
		if bytes.Equal(pixels, next[i]) || !bytes.Equal(pixels, after[i]) {
			t.Fatalf("image %d is not flipped in every other epoch", i)
		}
	}
	wantShare(t, "flipped in epoch 0", flipped, n, 0.5)
}

func TestChangesDependOnTheImageAndTheEpochAlone(t *testing.T) {
	list := []Augmentation{RandomHorizontalFlip(0.5), RandomShift(3, "reflect"), RandomErasing(0.5)}
	data, err := Synthetic(1, 60, 10)
	if err != nil {
		t.Fatal(err)
	}
	in := func(batch int, options ...LoaderOption) map[int32][]byte {
		loader, err := NewLoader(data.Train.All(), batch, options...)
		if err != nil {
			t.Fatal(err)
		}
		images := map[int32][]byte{}
		for b := range loader.Batches(2) {
			for i, pixels := range augment(t, b, 2, 9, list...) {
				images[b.Indices[i]] = pixels
			}
		}
		return images
	}
	want, got := in(60), in(7, Shuffle(4))
	for i, pixels := range want {
		if !bytes.Equal(pixels, got[i]) {
			t.Errorf("image %d depends on the order of the images", i)
		}
	}
	all := data.Train.All()
	b := Batch{Images: all.Dataset.Images, Labels: all.Dataset.Labels, Indices: all.Indices}
	same := augment(t, b, 2, 9, list...)
	for _, other := range [][][]byte{augment(t, b, 3, 9, list...), augment(t, b, 2, 10, list...)} {
		equal := 0
		for i := range same {
			if bytes.Equal(same[i], other[i]) {
				equal++
			}
		}
		if equal > len(same)/4 {
			t.Errorf("%d of %d images are equal with another epoch or seed", equal, len(same))
		}
	}
}

func TestFitTrainsOnTheImagesThatAugmentReturns(t *testing.T) {
	list := []Augmentation{AlternatingFlip(), RandomShift(1, "reflect"), RandomErasing(0.5)}
	onEachBackend(t, func(t *testing.T) {
		models := []func() *Model{SoftmaxRegression}
		if strings.HasSuffix(t.Name(), "/go") { // step by step; on XLA the softmax regression's steps run in loops on the device
			models = append(models, smallCNN)
		}
		for _, model := range models {
			train, _, _ := smallTask(t)
			fitted, looped := initialised(t, model()), initialised(t, model())
			history, err := fitted.Fit(train, Training{Epochs: 2, Optimizer: SGD(0.01), Seed: 9, Augment: list})
			if err != nil {
				t.Fatal(err)
			}
			trainer, err := NewTrainer(looped, SGD(0.01))
			if err != nil {
				t.Fatal(err)
			}
			defer trainer.Close()
			if err := trainer.SeedDropout(9); err != nil {
				t.Fatal(err)
			}
			var losses []float32
			for epoch := range 2 {
				for batch := range train.Batches(epoch) {
					if batch, err = Augment(batch, epoch, 9, list...); err != nil {
						t.Fatal(err)
					}
					loss, err := trainer.Step(batch)
					if err != nil {
						t.Fatal(err)
					}
					losses = append(losses, float32(loss))
				}
			}
			if !slices.Equal(losses, history.StepLosses) {
				t.Errorf("%s: the losses are %v, those of Fit %v", looped.Model.Name(), losses, history.StepLosses)
			}
			plain := initialised(t, model())
			if h, err := plain.Fit(train, Training{Epochs: 2, Optimizer: SGD(0.01), Seed: 9}); err != nil || slices.Equal(h.StepLosses, history.StepLosses) {
				t.Errorf("%s: the losses without augmentation are the same (%v)", plain.Model.Name(), err)
			}
		}
	})
}

func TestAnAugmentedTrainingResumesToTheSameFigures(t *testing.T) {
	useBackend(t, "go") // the images change before they reach the backend
	train, validation, _ := smallTask(t)
	training := Training{Epochs: 3, Validation: validation, Seed: 4, Augment: []Augmentation{AlternatingFlip(), RandomCrop(2)}}
	whole := initialised(t, smallCNN())
	want, err := whole.Fit(train, training)
	if err != nil {
		t.Fatal(err)
	}
	training.Run = t.TempDir() + "/run"
	ctx, cancel := context.WithCancel(context.Background())
	training.Output = &stopAfter{lines: 3, stop: cancel} // the backend, the augmentation and an epoch
	if _, err := initialised(t, smallCNN()).FitContext(ctx, train, training); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("the training was not interrupted: %v", err)
	}
	var output bytes.Buffer
	training.Output = &output
	parts := initialised(t, smallCNN())
	history, err := parts.Fit(train, training)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameWeights(whole.Weights, parts.Weights); err != nil || !slices.Equal(want.StepLosses, history.StepLosses) {
		t.Errorf("the resumed training differs: %v", err)
	}
	if line := "augmentation: AlternatingFlip(), RandomShift(2, padding_mode=zeros)\n"; !strings.Contains(output.String(), line) {
		t.Errorf("the lines\n%s\nare without %q", output.String(), line)
	}
	run, err := OpenRun(training.Run)
	if err != nil || !slices.Equal(run.Config.Augment, training.Augment) {
		t.Errorf("the run has the augmentation %v (%v)", run.Config.Augment, err)
	}
	training.Augment = nil
	if _, err := parts.Fit(train, training); err == nil || !strings.Contains(err.Error(), "augmentation AlternatingFlip(), ") {
		t.Errorf("a training without augmentation continued the run: %v", err)
	}
}

func TestWrongAugmentationsAreErrors(t *testing.T) {
	train, _, _ := smallTask(t)
	erasing := func(change func(a *Augmentation)) Augmentation {
		a := RandomErasing(0.5)
		change(&a)
		return a
	}
	for _, a := range []Augmentation{
		{}, {Name: "Rotation"}, RandomHorizontalFlip(-0.1), RandomHorizontalFlip(math.NaN()), RandomErasing(1.1),
		RandomShift(28, "zeros"), RandomShift(-1, "zeros"), RandomShift(1, "circular"),
		erasing(func(a *Augmentation) { a.Scale = [2]float64{0.5, 0.2} }), erasing(func(a *Augmentation) { a.Scale[1] = 1.5 }),
		erasing(func(a *Augmentation) { a.Ratio[0] = 0 }), erasing(func(a *Augmentation) { a.Value = 2 }),
	} {
		if _, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Augment: []Augmentation{a}}); err == nil {
			t.Errorf("%v was accepted", a)
		}
	}
	b := train.First()
	b.Indices = nil
	if _, err := Augment(b, 0, 0, AlternatingFlip()); err == nil {
		t.Error("a batch without indices was augmented")
	}
}

func BenchmarkAugmentingABatchOf256(b *testing.B) {
	images := make([]byte, 256*ImagePixels)
	change := changeBy([]Augmentation{AlternatingFlip(), RandomShift(1, "reflect"), RandomErasing(0.5)}, 1, 1)
	for b.Loop() {
		for i := range 256 {
			change(int32(i), images[i*ImagePixels:(i+1)*ImagePixels])
		}
	}
}
