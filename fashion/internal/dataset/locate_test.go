//go:build unix

package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fashionlab/fashion/internal/testfiles"
)

// renamed puts the four files into a folder under other names: name gets the official
// name without .gz and returns the path inside of the folder.
func renamed(t *testing.T, tiny tinyOfficial, compressed bool, name func(official string) string) string {
	t.Helper()
	dir := t.TempDir()
	for official, content := range tiny.raw {
		path := filepath.Join(dir, name(official))
		if compressed {
			content = tiny.gz[official+".gz"]
		}
		testfiles.WriteAll(t, filepath.Dir(path), map[string][]byte{filepath.Base(path): content})
	}
	return dir
}

func TestFilesWithOtherNamesAreFoundByTheirContent(t *testing.T) {
	tiny := makeTinyOfficial(t)
	dotted := func(name string) string { return strings.Replace(name, "-idx", ".idx", 1) }
	for what, test := range map[string]struct {
		compressed bool
		name       func(string) string
	}{
		"dotted":                             {false, dotted},
		"dotted, compressed":                 {true, func(n string) string { return dotted(n) + ".gz" }},
		"each in a folder of its name":       {false, func(n string) string { return filepath.Join(n, n) }},
		"each in a folder of its file":       {true, func(n string) string { return filepath.Join(n+".gz", n+".gz") }},
		"in a folder of a dotted name":       {false, func(n string) string { return filepath.Join(dotted(n), dotted(n)) }},
		"capitals":                           {true, func(n string) string { return strings.ToUpper(n) + ".GZ" }},
		"a browser's second download":        {true, func(n string) string { return n + " (1).gz" }},
		"wget's second download":             {true, func(n string) string { return n + ".gz.1" }},
		"underscores":                        {false, func(n string) string { return strings.ReplaceAll(n, "-", "_") + ".bin" }},
		"test for t10k":                      {false, func(n string) string { return strings.Replace(n, "t10k", "test", 1) }},
		"no word of the official name":       {true, func(n string) string { return "Datei " + hexMD5([]byte(n))[:6] }},
		"Cyrillic names in a folder":         {false, func(n string) string { return filepath.Join("данные", "файл "+n[:7]) }},
		"all in a folder":                    {true, func(n string) string { return filepath.Join("fashion-mnist", n+".gz") }},
		"torchvision's folder, dotted":       {false, func(n string) string { return filepath.Join("FashionMNIST", "raw", dotted(n)) }},
		"names of compressed files, but not": {false, func(n string) string { return dotted(n) + ".gz" }},
	} {
		t.Run(what, func(t *testing.T) {
			option, _ := tiny.isolate(t)
			dir := renamed(t, tiny, test.compressed, test.name)
			for range 2 { // cold, then from the cache
				data, err := load(option, offline(), inDir(dir))
				if err != nil {
					t.Fatal(err)
				}
				tiny.check(t, data)
				for _, f := range data.Files {
					if inside, err := filepath.Rel(dir, f.Path); err != nil || strings.HasPrefix(inside, "..") {
						t.Errorf("%s was taken from %s, which is not in the folder", f.Name, f.Path)
					}
				}
			}
		})
	}
}

func TestFilesWithOtherNamesAreFoundInEveryPlace(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	dotted := renamed(t, tiny, true, func(n string) string { return strings.Replace(n, "-idx", ".idx", 1) + ".gz" })
	t.Setenv(dirVariable, dotted)
	if _, err := load(option, offline()); err != nil {
		t.Errorf("in $%s: %v", dirVariable, err)
	}
	t.Setenv(dirVariable, "")
	local := filepath.Join(filepath.Dir(cache), "data", "fashion")
	if err := os.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dotted, local); err != nil {
		t.Fatal(err)
	}
	data, err := load(option, offline(), cacheIn(filepath.Join(t.TempDir(), "new")))
	if err != nil || data.Dir != local {
		t.Errorf("in data/fashion of the repository: %v, %v", data, err)
	}
}

func TestTheRightFilesAreFoundBesideThoseOfAnotherDataSet(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	dir := t.TempDir()
	digits := map[string][]byte{}
	for name, content := range tiny.raw { // the digits have the same names, kinds and counts
		content = bytes.Clone(content)
		content[len(content)-1] = (content[len(content)-1] + 1) % NumClasses
		digits[name] = content
	}
	testfiles.WriteAll(t, filepath.Join(dir, "MNIST"), digits) // the first in order
	testfiles.WriteAll(t, filepath.Join(dir, "fashion"), tiny.gz)
	data, err := load(option, offline(), inDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)

	if err := os.RemoveAll(filepath.Join(dir, "fashion")); err != nil {
		t.Fatal(err)
	}
	_, err = load(option, offline(), inDir(dir))
	if !errors.Is(err, ErrNoData) || !strings.Contains(err.Error(), filepath.Join(dir, "MNIST", "train-images-idx3-ubyte")+": SHA-256") {
		t.Errorf("error %v, want one that names the digits' file and its checksum", err)
	}
}

func TestSimilarFilesAreNamedInTheError(t *testing.T) {
	tiny := makeTinyOfficial(t)
	const labels, images = "t10k-labels-idx1-ubyte", "train-images-idx3-ubyte"
	cut := tiny.gz[images+".gz"]
	for what, test := range map[string]struct {
		lacks string
		place func(t *testing.T, dir string) string
		says  string
	}{
		"a page in place of a file": {labels, func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "t10k-labels.idx1-ubyte.gz")
			testfiles.Write(t, path, []byte("<!DOCTYPE html><title>404</title>"))
			return path
		}, "begins with the bytes 3c 21"},
		"a download that is not complete": {images, func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "train-images-idx3-ubyte.gz.crdownload")
			testfiles.Write(t, path, cut[:len(cut)/2])
			return path
		}, "cut off"},
		"an empty file": {labels, func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "T10K_Labels.idx1")
			testfiles.Write(t, path, "")
			return path
		}, "0 bytes"},
		"a broken link": {labels, func(t *testing.T, dir string) string {
			path := filepath.Join(dir, labels+".gz")
			if err := os.Symlink(filepath.Join(dir, "gone"), path); err != nil {
				t.Fatal(err)
			}
			return path
		}, "link to a file that is not there"},
		"a pipe": {labels, func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "t10k-labels.idx1-ubyte")
			if err := syscall.Mkfifo(path, 0o644); err != nil {
				t.Skip(err)
			}
			return path
		}, "pipe"},
		"one bit that is wrong": {labels, func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "labels")
			content := bytes.Clone(tiny.raw[labels])
			content[9] = (content[9] + 1) % NumClasses
			testfiles.Write(t, path, content)
			return path
		}, "SHA-256"},
	} {
		t.Run(what, func(t *testing.T) {
			option, _ := tiny.isolate(t)
			dir := t.TempDir()
			testfiles.WriteAll(t, dir, tiny.gz)
			if err := os.Remove(filepath.Join(dir, test.lacks+".gz")); err != nil {
				t.Fatal(err)
			}
			path := test.place(t, dir)
			_, err := load(option, offline(), inDir(dir))
			if !errors.Is(err, ErrNoData) {
				t.Fatalf("error %v, want ErrNoData", err)
			}
			for _, part := range []string{"missing " + test.lacks + ".gz;", path, test.says} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

func TestPathsThatAreNoRegularFilesAreRefusedAtOnce(t *testing.T) {
	tiny := makeTinyOfficial(t)
	const name = "train-images-idx3-ubyte"
	for what, test := range map[string]struct {
		place func(path string) error
		says  string
	}{
		"a pipe":             {func(path string) error { return syscall.Mkfifo(path, 0o644) }, "pipe"},
		"a device":           {func(path string) error { return os.Symlink("/dev/zero", path) }, "device"},
		"links in a circle":  {func(path string) error { return os.Symlink(path, path) }, "too many levels"},
		"a link to a folder": {func(path string) error { return os.Symlink(t.TempDir(), path) }, "missing " + name},
	} {
		for _, where := range []string{"the folder", "the cache"} {
			t.Run(what+" in "+where, func(t *testing.T) {
				option, cache := tiny.isolate(t)
				dir := t.TempDir()
				testfiles.WriteAll(t, dir, tiny.gz)
				path := filepath.Join(cache, name)
				if where == "the folder" {
					path = filepath.Join(dir, name)
					if err := os.Remove(path + ".gz"); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.MkdirAll(cache, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := test.place(path); err != nil {
					t.Skip(err)
				}
				done := make(chan error, 1)
				go func() {
					_, err := load(option, offline(), inDir(dir))
					done <- err
				}()
				select {
				case err := <-done:
					if where == "the cache" { // nothing depends on it
						if err != nil {
							t.Error(err)
						}
					} else if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), dir) {
						t.Errorf("error %v, want one that says %q", err, test.says)
					}
				case <-time.After(time.Minute): // far longer than any of it takes
					t.Fatal("still waiting")
				}
			})
		}
	}
}

func TestAFolderOfManyFilesIsLookedAtWithinLimits(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	dir := t.TempDir()
	for i := range 2 * maxSniffed {
		testfiles.Write(t, filepath.Join(dir, fmt.Sprintf("picture %04d.png", i)), []byte("a picture"))
	}
	for name, content := range tiny.gz { // in order, they come last
		testfiles.Write(t, filepath.Join(dir, "z "+name), content)
	}
	data, err := load(option, offline(), inDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
}

func TestFilesOfTheSystemInAFolderAreIgnored(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	dir := renamed(t, tiny, true, func(n string) string { return filepath.Join("data", "x "+n+".gz") })
	testfiles.WriteAll(t, dir, map[string][]byte{".DS_Store": {0, 0, 0, 1}, "Thumbs.db": {0xd0}, "desktop.ini": nil, "._x": []byte("\x00\x05\x16\x07")})
	if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0); err != nil {
		t.Fatal(err)
	}
	testfiles.WriteAll(t, filepath.Join(dir, ".Trashes"), tiny.raw) // thrown away
	data, err := load(option, offline(), inDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if path := data.Files[0].Path; strings.Contains(path, ".Trashes") {
		t.Errorf("%s was taken from the waste basket", path)
	}
}

func TestTildeInVariablesIsTheHomeFolder(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	testfiles.WriteAll(t, filepath.Join(home, "my data"), tiny.gz)
	t.Setenv(dirVariable, "~/my data")
	t.Setenv(cacheVariable, "~/my cache")
	t.Chdir(t.TempDir())
	data, err := load(option)
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if _, err := os.Stat(filepath.Join(home, "my cache", "train-images-idx3-ubyte")); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("made %v here", left)
	}
	for _, variable := range []string{dirVariable, cacheVariable} {
		t.Setenv(variable, "~jana/data")
		if _, err := load(option, offline()); err == nil || !strings.Contains(err.Error(), "another user") {
			t.Errorf("$%s=~jana/data: error %v", variable, err)
		}
		t.Setenv(variable, "")
	}
}
