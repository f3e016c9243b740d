package fashion

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// tinyOfficial is a data set of a few images that plays the official one: a
// table that describes it, and its files plain and compressed by name.
type tinyOfficial struct {
	table officialTable
	raw   map[string][]byte // by name without .gz
	gz    map[string][]byte // by name with .gz
}

func makeTinyOfficial(t testing.TB) tinyOfficial {
	t.Helper()
	tiny := tinyOfficial{raw: map[string][]byte{}, gz: map[string][]byte{}}
	for i, f := range fashionMNIST {
		f.count = []int{60, 60, 20, 20}[i]
		random := newRandom(7, 0, uint64(i))
		elements := make([]byte, f.count*f.kind.item)
		for j := range elements {
			elements[j] = byte(below(random, 256))
			if f.kind == labelIDX {
				elements[j] %= NumClasses
			}
		}
		var raw bytes.Buffer
		write := WriteIDXImages
		if f.kind == labelIDX {
			write = WriteIDXLabels
		}
		if err := write(&raw, elements); err != nil {
			t.Fatal(err)
		}
		gz := compress(t, raw.Bytes())
		f.gzBytes = int64(len(gz))
		f.gzMD5 = hexMD5(gz)
		f.rawMD5 = hexMD5(raw.Bytes())
		f.rawSHA256 = hexSHA256(raw.Bytes())
		tiny.table[i] = f
		tiny.raw[f.name] = raw.Bytes()
		tiny.gz[f.gzName()] = gz
	}
	return tiny
}

func compress(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func hexMD5(content []byte) string {
	sum := md5.Sum(content)
	return hex.EncodeToString(sum[:])
}

// writeFiles puts files into dir, which it makes.
func writeFiles(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		writeFile(t, filepath.Join(dir, name), content)
	}
}

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// isolate makes Load see neither this user's data nor their cache nor the
// network, and the tiny files as the official ones. It returns the options to
// pass and the folder of the cache, which does not exist yet.
func (tiny tinyOfficial) isolate(t testing.TB) (option LoadOption, cache string) {
	t.Helper()
	root := t.TempDir()
	cache = filepath.Join(root, "cache")
	t.Setenv(dirVariable, "")
	t.Setenv(cacheVariable, cache)
	return func(c *loadConfig) {
		c.table = tiny.table
		c.localDirs = []string{filepath.Join(root, "data", "fashion")}
		c.mirrors = nil
	}, cache
}

// check fails unless data holds the tiny data set.
func (tiny tinyOfficial) check(t testing.TB, data *Data) {
	t.Helper()
	for i, got := range [][]byte{data.Train.Images, data.Train.Labels, data.Test.Images, data.Test.Labels} {
		f := tiny.table[i]
		if !bytes.Equal(got, tiny.raw[f.name][f.kind.header:]) {
			t.Errorf("%s: loaded content differs from the file's", f.name)
		}
	}
	if data.Train.Synthetic || data.Test.Synthetic {
		t.Error("loaded data are marked as synthetic")
	}
	for i, info := range data.Files {
		f := tiny.table[i]
		want := FileInfo{Name: f.name, Path: info.Path, SHA256: f.rawSHA256, Bytes: f.rawBytes(), Verified: true}
		if info != want {
			t.Errorf("file %d: found %+v, expected %+v", i, info, want)
		}
	}
	if len(data.Files) != 4 {
		t.Errorf("found %d files described, expected 4", len(data.Files))
	}
}
