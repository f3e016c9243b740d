package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"io"
	"path/filepath"
	"testing"

	"fashionlab/fashion/internal/random"
)

// tinyOfficial is a data set of a few images in place of the official one: a table that
// describes it, and its files by name, plain and compressed.
type tinyOfficial struct {
	table officialTable
	raw   map[string][]byte // by name without .gz
	gz    map[string][]byte // by name with .gz
}

// setting changes a search.
type setting func(*finder)

func inDir(path string) setting      { return func(c *finder) { c.Dir = path } }
func cacheIn(path string) setting    { return func(c *finder) { c.CacheDir = path } }
func offline() setting               { return func(c *finder) { c.Offline = true } }
func progressTo(w io.Writer) setting { return func(c *finder) { c.Progress = w } }
func reverify() setting              { return func(c *finder) { c.Reverify = true } }

func load(settings ...setting) (*Files, error) { return loadContext(context.Background(), settings...) }

func loadContext(ctx context.Context, settings ...setting) (*Files, error) {
	var c finder
	for _, set := range settings {
		set(&c)
	}
	return c.load(ctx)
}

func makeTinyOfficial(t testing.TB) tinyOfficial {
	t.Helper()
	tiny := tinyOfficial{raw: map[string][]byte{}, gz: map[string][]byte{}}
	for i, f := range fashionMNIST {
		f.count = []int{60, 60, 20, 20}[i]
		source := random.New(7, 0, uint64(i))
		elements := make([]byte, f.count*f.kind.item)
		for j := range elements {
			elements[j] = byte(source.Below(256))
			if f.kind == labelIDX {
				elements[j] %= NumClasses
			}
		}
		raw := idxFile(f.kind, elements)
		gz := compress(t, raw)
		f.gzBytes = int64(len(gz))
		f.gzMD5 = hexMD5(gz)
		f.rawMD5 = hexMD5(raw)
		f.rawSHA256 = hexSHA256(raw)
		tiny.table[i] = f
		tiny.raw[f.name] = raw
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

// isolate hides this user's data and cache and the network from load, and makes the tiny files
// the official ones. It returns the options for load and the folder of the cache, which does
// not exist yet.
func (tiny tinyOfficial) isolate(t testing.TB) (option setting, cache string) {
	t.Helper()
	root := t.TempDir()
	cache = filepath.Join(root, "cache")
	t.Setenv(dirVariable, "")
	t.Setenv(cacheVariable, cache)
	return func(c *finder) {
		c.table = tiny.table
		c.Local = []string{filepath.Join(root, "data", "fashion")}
		c.mirrors = nil
	}, cache
}

// check fails unless found holds the tiny data set.
func (tiny tinyOfficial) check(t testing.TB, found *Files) {
	t.Helper()
	for i, got := range found.Files {
		f := tiny.table[i]
		if !bytes.Equal(got.Elements, tiny.raw[f.name][f.kind.header:]) {
			t.Errorf("%s: loaded content differs from the file's", f.name)
		}
		if got.Name != f.name || got.SHA256 != f.rawSHA256 || got.Bytes != f.rawBytes() {
			t.Errorf("file %d: %s, %d bytes, SHA-256 %s, want %s, %d, %s", i, got.Name, got.Bytes, got.SHA256, f.name, f.rawBytes(), f.rawSHA256)
		}
	}
}
