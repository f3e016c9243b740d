package fashion

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// realData returns the options with which Load finds the real files, which lie in the
// repository, but never fetches them.
func realData(t testing.TB) []LoadOption {
	t.Helper()
	options := []LoadOption{Offline()}
	if _, err := Load(options...); err != nil {
		t.Fatal(err)
	}
	return options
}

func TestRealDataAreFashionMNIST(t *testing.T) {
	data, err := Load(realData(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if data.Train.Len() != 60000 || data.Test.Len() != 10000 {
		t.Errorf("found %d and %d images, expected 60000 and 10000", data.Train.Len(), data.Test.Len())
	}
	for _, d := range []*Dataset{data.Train, data.Test} {
		var counts [NumClasses]int
		for _, label := range d.Labels {
			counts[label]++
		}
		for class, count := range counts {
			if count != d.Len()/NumClasses {
				t.Errorf("%s has %d of %s, expected %d", d.Name, count, ClassNames[class], d.Len()/NumClasses)
			}
		}
	}
	first, err := data.Train.Image(0)
	if err != nil {
		t.Fatal(err)
	}
	if first.ClassName() != "Ankle boot" {
		t.Errorf("the first training image is %q, expected an ankle boot", first.ClassName())
	}
	// Means known from the literature on the data set: 0.2860 and 0.2868.
	for d, want := range map[*Dataset]float64{data.Train: 0.2860, data.Test: 0.2868} {
		sum := 0
		for _, pixel := range d.Images {
			sum += int(pixel)
		}
		if mean := float64(sum) / 255 / float64(len(d.Images)); mean < want-5e-5 || mean > want+5e-5 {
			t.Errorf("%s: mean pixel %.5f, expected %.4f", d.Name, mean, want)
		}
	}
}

// The sizes and checksums in the table, each computed here from the files.
func TestOfficialTableDescribesTheRealFiles(t *testing.T) {
	data, err := Load(realData(t)...)
	if err != nil {
		t.Fatal(err)
	}
	content := [][]byte{data.Train.Images, data.Train.Labels, data.Test.Images, data.Test.Labels}
	for i, f := range fashionMNIST {
		dir := t.TempDir()
		path := filepath.Join(dir, f.name)
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		write := WriteIDXImages
		if f.kind == labelIDX {
			write = WriteIDXLabels
		}
		if err := errors.Join(write(file, content[i]), file.Close()); err != nil {
			t.Fatal(err)
		}
		raw := readFile(t, path)
		if int64(len(raw)) != f.rawBytes() || hexMD5(raw) != f.rawMD5 || hexSHA256(raw) != f.rawSHA256 {
			t.Errorf("%s written again: found %d bytes, MD5 %s, SHA-256 %s, expected %d, %s, %s",
				f.name, len(raw), hexMD5(raw), hexSHA256(raw), f.rawBytes(), f.rawMD5, f.rawSHA256)
		}
		if source := data.Files[i].Path; filepath.Ext(source) == ".gz" {
			if gz := readFile(t, source); int64(len(gz)) != f.gzBytes || hexMD5(gz) != f.gzMD5 {
				t.Errorf("%s: found %d bytes, MD5 %s, expected %d, %s", source, len(gz), hexMD5(gz), f.gzBytes, f.gzMD5)
			}
		}
	}
}

func BenchmarkWarmLoad(b *testing.B) {
	options := realData(b)
	for b.Loop() {
		if _, err := Load(options...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkColdLoad(b *testing.B) {
	options := realData(b)
	for b.Loop() {
		if _, err := Load(append(options, CacheDir(b.TempDir()))...); err != nil {
			b.Fatal(err)
		}
	}
}
