package fashion

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fashionlab/fashion/internal/testfiles"
)

// realData returns the options with which Load finds the real files, which lie in the
// repository, but never fetches them.
func realData(t testing.TB) LoadOptions {
	t.Helper()
	options := LoadOptions{Offline: true}
	if _, err := load(options); err != nil {
		t.Fatal(err)
	}
	return options
}

func load(options LoadOptions) (*Data, error) { return LoadContext(context.Background(), options) }

func TestRealDataAreFashionMNIST(t *testing.T) {
	data, err := load(realData(t))
	if err != nil {
		t.Fatal(err)
	}
	if data.Train.Len() != 60000 || data.Test.Len() != 10000 {
		t.Errorf("%d and %d images, want 60000 and 10000", data.Train.Len(), data.Test.Len())
	}
	for _, d := range []*Dataset{data.Train, data.Test} {
		var counts [NumClasses]int
		for _, label := range d.Labels {
			counts[label]++
		}
		for class, count := range counts {
			if count != d.Len()/NumClasses {
				t.Errorf("%s has %d of %s, want %d", d.Name, count, ClassNames[class], d.Len()/NumClasses)
			}
		}
	}
	first, err := data.Train.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	if first.ClassName() != "Ankle boot" {
		t.Errorf("the first training image is %q, want an ankle boot", first.ClassName())
	}
	// Means known from the literature on the data set: 0.2860 and 0.2868.
	for d, want := range map[*Dataset]float64{data.Train: 0.2860, data.Test: 0.2868} {
		sum := 0
		for _, pixel := range d.Images {
			sum += int(pixel)
		}
		if mean := float64(sum) / 255 / float64(len(d.Images)); mean < want-5e-5 || mean > want+5e-5 {
			t.Errorf("%s: mean pixel %.5f, want %.4f", d.Name, mean, want)
		}
	}
}

// withDamagedLabels makes a folder of the real files and returns what changes the last of
// them, so that its size and its time stay as they are.
func withDamagedLabels(t *testing.T) (dir string, damage func()) {
	t.Helper()
	data, err := load(realData(t))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range data.Files {
		if err := os.Symlink(f.Path, filepath.Join(dir, filepath.Base(f.Path))); err != nil {
			t.Fatal(err)
		}
	}
	last := filepath.Join(dir, filepath.Base(data.Files[3].Path))
	content := testfiles.Read(t, last)
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	testfiles.Write(t, last, content)
	return dir, func() {
		info, err := os.Stat(last)
		if err != nil {
			t.Fatal(err)
		}
		testfiles.Write(t, last, make([]byte, len(content)))
		if err := os.Chtimes(last, time.Time{}, info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEachOptionOfLoadReachesTheSearch(t *testing.T) {
	if _, err := load(LoadOptions{Dir: t.TempDir(), Offline: true}); !errors.Is(err, ErrNoData) {
		t.Errorf("an empty folder: error %v, want ErrNoData", err)
	}
	dir, damage := withDamagedLabels(t)
	cache := t.TempDir()
	data, err := load(LoadOptions{Dir: dir, CacheDir: cache})
	if err != nil {
		t.Fatal(err)
	}
	if data.Dir != dir {
		t.Errorf("loaded from %s, want %s", data.Dir, dir)
	}
	for _, f := range data.Files {
		if _, err := os.Stat(filepath.Join(cache, f.Name)); err != nil || !f.Verified || f.Path == "" {
			t.Errorf("%+v: in the cache: %v", f, err)
		}
	}
	damage()
	if _, err := load(LoadOptions{Dir: dir, CacheDir: cache}); err != nil {
		t.Errorf("a file that was verified was read again: %v", err)
	}
	if _, err := load(LoadOptions{Dir: dir, CacheDir: cache, Reverify: true}); err == nil {
		t.Error("Reverify accepted a file with other content")
	}
}

func BenchmarkWarmLoad(b *testing.B) {
	options := realData(b)
	for b.Loop() {
		if _, err := load(options); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkColdLoad(b *testing.B) {
	options := realData(b)
	for b.Loop() {
		options.CacheDir = b.TempDir()
		if _, err := load(options); err != nil {
			b.Fatal(err)
		}
	}
}
