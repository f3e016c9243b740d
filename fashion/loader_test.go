package fashion

import (
	"bytes"
	"slices"
	"testing"
)

func newLoader(t testing.TB, s Subset, size int, options ...LoaderOption) *Loader {
	t.Helper()
	l, err := NewLoader(s, size, options...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLoaderVisitsThePinnedOrder(t *testing.T) {
	for _, test := range []struct {
		seed  uint64
		epoch int
		want  []int32
	}{
		{0, 0, []int32{1, 2, 3, 11, 5, 7, 4, 8, 0, 6, 9, 10}},
		{0, 1, []int32{6, 7, 1, 10, 3, 0, 4, 8, 9, 5, 11, 2}},
		{42, 0, []int32{11, 9, 10, 6, 3, 4, 0, 5, 2, 7, 1, 8}},
		{42, 7, []int32{9, 8, 11, 1, 10, 6, 2, 3, 4, 0, 7, 5}},
	} {
		l := newLoader(t, blank(12).All(), 5, Shuffle(test.seed))
		if got := l.Order(test.epoch); !slices.Equal(got, test.want) {
			t.Errorf("seed %d, epoch %d: found %v, want %v", test.seed, test.epoch, got, test.want)
		}
	}
	d := &Dataset{Images: make([]byte, 60000*ImagePixels), Labels: make([]byte, 60000)}
	if got := weightedSum(newLoader(t, d.All(), 128, Shuffle(42)).Order(0)); got != 53960606406050 {
		t.Errorf("weighted sum of seed 42's first epoch is %d, want 53960606406050", got)
	}
}

func TestLoaderWithoutShuffleKeepsTheOrderOfTheSubset(t *testing.T) {
	d := blank(10)
	s := Subset{Dataset: d, Indices: []int32{7, 2, 2, 9}} // an image may come twice
	l := newLoader(t, s, 3)
	for epoch := range 3 {
		if got := l.Order(epoch); !slices.Equal(got, s.Indices) {
			t.Errorf("epoch %d: found %v, want %v", epoch, got, s.Indices)
		}
	}
}

func TestEveryEpochVisitsTheSubsetOnceInAnotherOrder(t *testing.T) {
	l := newLoader(t, blank(500).All(), 64, Shuffle(9))
	previous := l.Order(0)
	for epoch := range 10 {
		order := l.Order(epoch)
		if !isPermutation(order, 500) {
			t.Errorf("epoch %d does not visit every image once", epoch)
		}
		if !slices.Equal(order, l.Order(epoch)) {
			t.Errorf("epoch %d has two orders", epoch)
		}
		if epoch > 0 && slices.Equal(order, previous) {
			t.Errorf("epochs %d and %d have one order", epoch-1, epoch)
		}
		previous = order
	}
}

func TestBatchesHoldTheImagesOfTheOrder(t *testing.T) {
	data, err := Synthetic(1, 50, 1)
	if err != nil {
		t.Fatal(err)
	}
	train, _, err := RandomSplit(data.Train, 3, 37, 13)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 8, 37, 100} {
		l := newLoader(t, train, size, Shuffle(2))
		order := l.Order(4)
		batches, position := 0, 0
		for batch := range l.Batches(4) {
			batches++
			if want := min(size, 37-position); batch.Len() != want || len(batch.Indices) != want || len(batch.Images) != want*ImagePixels {
				t.Fatalf("batch %d of size %d has %d labels, %d indices and %d bytes, want %d images",
					batches, size, batch.Len(), len(batch.Indices), len(batch.Images), want)
			}
			for i := range batch.Len() {
				image, err := data.Train.Image(int(order[position]))
				if err != nil {
					t.Fatal(err)
				}
				position++
				if int(batch.Indices[i]) != image.Index || int(batch.Labels[i]) != image.Label ||
					!bytes.Equal(batch.Images[i*ImagePixels:(i+1)*ImagePixels], image.Pixels) {
					t.Fatalf("size %d, batch %d: image %d is not image %d of the data set", size, batches, i, image.Index)
				}
			}
		}
		if batches != l.Len() || position != 37 {
			t.Errorf("size %d: found %d batches with %d images, want %d with 37", size, batches, position, l.Len())
		}
	}
}

func TestLoaderCountsTheLastSmallerBatch(t *testing.T) {
	d := &Dataset{Images: make([]byte, 50000*ImagePixels), Labels: make([]byte, 50000)}
	if got := newLoader(t, d.All(), 128).Len(); got != 391 { // 390 of 128 and one of 80
		t.Errorf("50000 images in batches of 128: found %d batches, want 391", got)
	}
}

// The images that are left out differ from epoch to epoch, as in PyTorch.
func TestDropLastLeavesOutTheLastSmallerBatch(t *testing.T) {
	all, dropped := newLoader(t, blank(20).All(), 6, Shuffle(8)), newLoader(t, blank(20).All(), 6, Shuffle(8), DropLast())
	if dropped.Len() != 3 {
		t.Errorf("20 images in batches of 6: found %d batches, want 3", dropped.Len())
	}
	for epoch := range 2 {
		if want := all.Order(epoch)[:18]; !slices.Equal(dropped.Order(epoch), want) {
			t.Errorf("epoch %d has the images %v, want %v", epoch, dropped.Order(epoch), want)
		}
		for batch := range dropped.Batches(epoch) {
			if batch.Len() != 6 {
				t.Errorf("epoch %d has a batch of %d images", epoch, batch.Len())
			}
		}
	}
	if few := newLoader(t, blank(4).All(), 6, DropLast()); few.Len() != 1 {
		t.Errorf("4 images in batches of 6: found %d batches, want the only one", few.Len())
	}
}

func TestFirstIsTheFirstBatchOfEpochZero(t *testing.T) {
	l := newLoader(t, blank(20).All(), 6, Shuffle(8))
	first := l.First()
	for batch := range l.Batches(0) {
		if !slices.Equal(batch.Indices, first.Indices) || !bytes.Equal(batch.Images, first.Images) || !bytes.Equal(batch.Labels, first.Labels) {
			t.Errorf("found %v, want %v", first.Indices, batch.Indices)
		}
		break // ending a loop early must be possible
	}
}

func TestBatchesAndOrdersAreTheCallersOwn(t *testing.T) {
	s := blank(6).All()
	l := newLoader(t, s, 2, Shuffle(1))
	want := l.Order(0)
	for batch := range l.Batches(0) {
		batch.Images[0], batch.Labels[0], batch.Indices[0] = 255, 255, 5
	}
	l.Order(0)[0] = 99
	s.Indices[0] = 5
	if got := l.Order(0); !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
	if s.Dataset.Images[0] != 0 || s.Dataset.Labels[0] != 0 {
		t.Error("writing to a batch changed the data set")
	}
}

func TestNewLoaderRejects(t *testing.T) {
	for name, test := range map[string]struct {
		subset Subset
		size   int
	}{
		"no data set":                   {Subset{}, 1},
		"an empty subset":               {Subset{Dataset: blank(3)}, 1},
		"a batch size of 0":             {blank(3).All(), 0},
		"a negative batch size":         {blank(3).All(), -5},
		"an index past the end":         {Subset{blank(3), []int32{0, 3}}, 1},
		"a negative index":              {Subset{blank(3), []int32{-1}}, 1},
		"more labels than there images": {Subset{&Dataset{Labels: make([]byte, 3)}, []int32{0}}, 1},
	} {
		if _, err := NewLoader(test.subset, test.size); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func BenchmarkEpochOfBatches(b *testing.B) {
	d := &Dataset{Images: make([]byte, 50000*ImagePixels), Labels: make([]byte, 50000)}
	l := newLoader(b, d.All(), 128, Shuffle(1))
	epoch := 0
	for b.Loop() {
		for batch := range l.Batches(epoch) {
			_ = batch.Images[0]
		}
		epoch++
	}
}
