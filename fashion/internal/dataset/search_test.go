package dataset

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fashionlab/fashion/internal/testfiles"
)

func TestLoadReadsPlainCompressedAndTorchvisionLayouts(t *testing.T) {
	tiny := makeTinyOfficial(t)
	mixed := map[string][]byte{
		"train-images-idx3-ubyte.gz": tiny.raw["train-images-idx3-ubyte"], // a browser may have uncompressed it
		"train-labels-idx1-ubyte":    tiny.raw["train-labels-idx1-ubyte"],
		"t10k-images-idx3-ubyte.gz":  tiny.gz["t10k-images-idx3-ubyte.gz"],
		"t10k-labels-idx1-ubyte":     tiny.gz["t10k-labels-idx1-ubyte.gz"],
	}
	both := map[string][]byte{}
	for _, files := range []map[string][]byte{tiny.raw, tiny.gz} {
		for name, content := range files {
			both[name] = content
		}
	}
	for name, test := range map[string]struct {
		folder string
		files  map[string][]byte
	}{
		"plain":                     {".", tiny.raw},
		"compressed":                {".", tiny.gz},
		"mixed and misnamed":        {".", mixed},
		"torchvision":               {filepath.Join("FashionMNIST", "raw"), both},
		"torchvision, given raw/..": {"raw", tiny.raw},
		"folder with a space":       {"my data/FashionMNIST/raw/../../..", tiny.gz},
	} {
		t.Run(name, func(t *testing.T) {
			option, _ := tiny.isolate(t)
			dir := t.TempDir()
			if name == "folder with a space" {
				dir = filepath.Join(dir, "my data")
				test.folder = "."
			}
			testfiles.WriteAll(t, filepath.Join(dir, test.folder), test.files)
			for range 2 { // cold, then from the cache
				data, err := load(option, inDir(dir))
				if err != nil {
					t.Fatal(err)
				}
				tiny.check(t, data)
				if want := filepath.Join(dir, test.folder); data.Dir != want {
					t.Errorf("Dir is %q, want %q", data.Dir, want)
				}
			}
		})
	}
}

func TestLoadSearchesInTheDocumentedOrder(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	root := t.TempDir()
	given, variable, local := filepath.Join(root, "given"), filepath.Join(root, "variable"), filepath.Join(root, "local")
	for _, dir := range []string{given, variable, local, cache} {
		testfiles.WriteAll(t, dir, tiny.gz)
	}
	inLocal := func(c *finder) { c.Local = []string{filepath.Join(root, "absent"), local} }
	expectDir := func(want string, options ...setting) {
		t.Helper()
		data, err := load(append([]setting{option, offline()}, options...)...)
		if err != nil {
			t.Fatal(err)
		}
		tiny.check(t, data)
		if data.Dir != want {
			t.Errorf("loaded from %s, want %s", data.Dir, want)
		}
	}
	t.Setenv(dirVariable, variable)
	expectDir(given, inLocal, inDir(given))
	expectDir(variable, inLocal)
	t.Setenv(dirVariable, "")
	expectDir(local, inLocal)
	expectDir(cache)
	other := filepath.Join(root, "other cache")
	testfiles.WriteAll(t, other, tiny.raw)
	expectDir(other, cacheIn(other))
}

func TestLoadNeverFallsThroughFromAFolderThatTheUserChose(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	testfiles.WriteAll(t, cache, tiny.raw) // must not be used
	empty := t.TempDir()
	incomplete := t.TempDir()
	testfiles.WriteAll(t, incomplete, tiny.gz)
	if err := os.Remove(filepath.Join(incomplete, "t10k-labels-idx1-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	bad := t.TempDir()
	testfiles.WriteAll(t, bad, tiny.gz)
	cut := tiny.gz["train-images-idx3-ubyte.gz"]
	testfiles.Write(t, filepath.Join(bad, "train-images-idx3-ubyte.gz"), cut[:len(cut)/2])
	file := filepath.Join(bad, "train-labels-idx1-ubyte.gz")

	for name, test := range map[string]struct {
		dir  string
		says []string
		is   error
	}{
		"absent":     {filepath.Join(empty, "absent"), []string{"absent"}, fs.ErrNotExist},
		"empty":      {empty, []string{empty, "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz"}, ErrNoData},
		"incomplete": {incomplete, []string{incomplete, "missing t10k-labels-idx1-ubyte.gz;"}, ErrNoData},
		"a bad file": {bad, []string{filepath.Join(bad, "train-images-idx3-ubyte.gz"), "cut off", tiny.table[0].gzMD5, hexMD5(cut[:len(cut)/2])}, nil},
		"a file":     {file, []string{file, "want a folder"}, nil},
	} {
		for _, way := range []string{"Dir", "$" + dirVariable} {
			t.Run(name+" in "+way, func(t *testing.T) {
				options := []setting{option}
				if way == "Dir" {
					options = append(options, inDir(test.dir))
				} else {
					t.Setenv(dirVariable, test.dir)
					test.says = append(test.says, dirVariable)
				}
				_, err := load(options...)
				if err == nil {
					t.Fatal("loaded, want an error")
				}
				for _, part := range test.says {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say %q", err, part)
					}
				}
				if test.is != nil && !errors.Is(err, test.is) {
					t.Errorf("%q does not wrap %v", err, test.is)
				}
			})
		}
	}
}

func TestLoadRejectsFilesThatAreNotTheOfficialOnes(t *testing.T) {
	tiny := makeTinyOfficial(t)
	const trainImages, testImages, trainLabels = "train-images-idx3-ubyte", "t10k-images-idx3-ubyte", "train-labels-idx1-ubyte"
	changed := bytes.Clone(tiny.raw[trainImages])
	changed[500] ^= 1
	changedLabels := bytes.Clone(tiny.raw[trainLabels])
	changedLabels[20] = (changedLabels[20] + 1) % NumClasses
	longer := append(bytes.Clone(tiny.raw[trainImages]), 0)
	for name, test := range map[string]struct {
		file    string
		content []byte
		what    string
		says    string
	}{
		"one bit of a plain file":            {trainImages, changed, "SHA-256 of the uncompressed content", hexSHA256(changed)},
		"one bit of a compressed file":       {trainImages + ".gz", compress(t, changed), "SHA-256 of the uncompressed content", tiny.table[0].rawSHA256},
		"one label":                          {trainLabels, changedLabels, "SHA-256 of the uncompressed content", hexSHA256(changedLabels)},
		"test images in place of training's": {trainImages, tiny.raw[testImages], "number of images", "20, want 60"},
		"labels in place of images":          {trainImages + ".gz", tiny.gz[trainLabels+".gz"], "magic number", "this is a label file"},
		"images in place of labels":          {trainLabels, tiny.raw[trainImages], "magic number", "this is an image file"},
		"a byte too many":                    {trainImages, longer, "size", "1 byte after the last image"},
	} {
		t.Run(name, func(t *testing.T) {
			option, cache := tiny.isolate(t)
			dir := t.TempDir()
			testfiles.WriteAll(t, dir, tiny.gz)
			if err := os.Remove(filepath.Join(dir, strings.TrimSuffix(test.file, ".gz")+".gz")); err != nil {
				t.Fatal(err)
			}
			testfiles.Write(t, filepath.Join(dir, test.file), test.content)
			_, err := load(option, inDir(dir))
			var format *FormatError
			if !errors.As(err, &format) || format.What != test.what || format.File != filepath.Join(dir, test.file) {
				t.Fatalf("error %v, want a FormatError about the %s of %s", err, test.what, test.file)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q does not say %q", err, test.says)
			}
			if !bytes.Equal(testfiles.Read(t, filepath.Join(dir, test.file)), test.content) {
				t.Error("the file of the user was changed")
			}
			f := strings.TrimSuffix(test.file, ".gz")
			if _, err := os.Stat(filepath.Join(cache, f)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the cache has %s, made from a bad file", f)
			}
		})
	}
}

func TestLoadNamesTheFileWhoseContentIsInTheWrongPlace(t *testing.T) {
	tiny := makeTinyOfficial(t)
	tiny.table[2].count = tiny.table[0].count // so that only the checksum can tell them apart
	option, _ := tiny.isolate(t)
	dir := t.TempDir()
	testfiles.WriteAll(t, dir, tiny.raw)
	testfiles.Write(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), tiny.raw["train-images-idx3-ubyte"])
	_, err := load(option, inDir(dir))
	if err == nil || !strings.Contains(err.Error(), "this is the content of train-images-idx3-ubyte") {
		t.Errorf("error %v, want one that names the content", err)
	}
}

func TestLoadReportsABadFileInTheLocalFolder(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	testfiles.WriteAll(t, cache, tiny.raw)
	local := filepath.Join(filepath.Dir(cache), "data", "fashion")
	testfiles.WriteAll(t, local, tiny.gz)
	testfiles.Write(t, filepath.Join(local, "t10k-labels-idx1-ubyte.gz"), []byte("<html>"))
	var format *FormatError
	if _, err := load(option); !errors.As(err, &format) {
		t.Errorf("error %v, want a FormatError", err)
	}
	// An incomplete folder is no error: the data that are used instead are official, too.
	if err := os.Remove(filepath.Join(local, "t10k-labels-idx1-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	data, err := load(option)
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
}

func TestLoadVerifiesAgainOnlyWhatChanged(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	dir := t.TempDir()
	testfiles.WriteAll(t, dir, tiny.gz)
	if _, err := load(option, inDir(dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "train-images-idx3-ubyte.gz")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}

	// Other content under the same size and time is what the stamp cannot see:
	// loading without an error shows that the file was not read again.
	testfiles.Write(t, path, bytes.Repeat([]byte{'x'}, int(info.Size())))
	if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	data, err := load(option, inDir(dir))
	if err != nil {
		t.Fatalf("a stamped file was read again: %v", err)
	}
	tiny.check(t, data)
	if _, err := load(option, inDir(dir), reverify()); err == nil {
		t.Error("Reverify accepted a file with other content")
	}
	if err := os.Chtimes(path, time.Time{}, info.ModTime().Add(time.Nanosecond)); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || after.ModTime().Equal(info.ModTime()) {
		t.Skip("this file system does not keep nanoseconds")
	}
	if _, err := load(option, inDir(dir)); err == nil {
		t.Error("a file with a new time was not verified again")
	}
}

func TestLoadRebuildsADamagedCache(t *testing.T) {
	tiny := makeTinyOfficial(t)
	name := "train-images-idx3-ubyte"
	other := bytes.Clone(tiny.raw[name])
	other[100] ^= 0xff
	for damage, content := range map[string][]byte{
		"changed": other,
		"cut off": other[:100],
		"empty":   nil,
	} {
		t.Run(damage, func(t *testing.T) {
			option, cache := tiny.isolate(t)
			dir := t.TempDir()
			testfiles.WriteAll(t, dir, tiny.gz)
			if _, err := load(option, inDir(dir)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(cache, name)
			if err := os.Remove(path); err != nil { // the old content may be mapped
				t.Fatal(err)
			}
			testfiles.Write(t, path, content)
			data, err := load(option, inDir(dir))
			if err != nil {
				t.Fatal(err)
			}
			tiny.check(t, data)
			if !bytes.Equal(testfiles.Read(t, path), tiny.raw[name]) {
				t.Error("the cache still holds the damaged file")
			}
		})
	}
}

func TestLoadRebuildsTheCacheFromTheDownloadBesideIt(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	testfiles.WriteAll(t, cache, tiny.gz)
	testfiles.Write(t, filepath.Join(cache, "t10k-images-idx3-ubyte"), []byte("damaged"))
	data, err := load(option, offline())
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	for name, content := range tiny.raw {
		if !bytes.Equal(testfiles.Read(t, filepath.Join(cache, name)), content) {
			t.Errorf("the cache's %s is not the uncompressed file", name)
		}
	}
}

func TestLoadWorksWithoutAWritableCache(t *testing.T) {
	tiny := makeTinyOfficial(t)
	dir := t.TempDir()
	testfiles.WriteAll(t, dir, tiny.gz)
	blocked := filepath.Join(t.TempDir(), "a file")
	testfiles.Write(t, blocked, "")
	for name, setup := range map[string]func(t *testing.T, cache string) string{
		"a file is in the way": func(*testing.T, string) string { return filepath.Join(blocked, "cache") },
		"no home at all": func(t *testing.T, _ string) string {
			t.Setenv(cacheVariable, "")
			t.Setenv("HOME", "")
			t.Setenv("XDG_CACHE_HOME", "")
			t.Setenv("LocalAppData", "")
			return ""
		},
		"no permission": func(t *testing.T, cache string) string {
			if err := os.MkdirAll(cache, 0o555); err != nil {
				t.Fatal(err)
			}
			return cache
		},
	} {
		t.Run(name, func(t *testing.T) {
			option, cache := tiny.isolate(t)
			for range 2 {
				data, err := load(option, inDir(dir), cacheIn(setup(t, cache)))
				if err != nil {
					t.Fatal(err)
				}
				tiny.check(t, data)
			}
		})
	}
}

func TestLoadReadsFromAFolderThatCannotBeWritten(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	dir := t.TempDir()
	testfiles.WriteAll(t, dir, tiny.gz)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	data, err := load(option, inDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	tiny.check(t, data)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 4 {
		t.Errorf("the folder has %d entries (error %v), want the 4 files alone", len(entries), err)
	}
}

func TestLoadReadsWhereMappingIsNotPossible(t *testing.T) {
	original := mapRegion
	mapRegion = func(*os.File) ([]byte, error) { return nil, errors.New("no mapping here") }
	t.Cleanup(func() { mapRegion = original })
	tiny := makeTinyOfficial(t)
	option, _ := tiny.isolate(t)
	dir := t.TempDir()
	testfiles.WriteAll(t, dir, tiny.raw)
	for range 2 {
		data, err := load(option, inDir(dir))
		if err != nil {
			t.Fatal(err)
		}
		tiny.check(t, data)
	}
}

func TestWritingToLoadedImagesNeverReachesTheFile(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	testfiles.WriteAll(t, cache, tiny.raw)
	data, err := load(option)
	if err != nil {
		t.Fatal(err)
	}
	data.Files[0].Elements[0] ^= 0xff
	if !bytes.Equal(testfiles.Read(t, filepath.Join(cache, "train-images-idx3-ubyte")), tiny.raw["train-images-idx3-ubyte"]) {
		t.Error("the cached file was changed")
	}
}

// Loading in many goroutines takes the same paths as in many processes, since there is no
// lock within a process before the files are mapped.
func TestLoadsAtTheSameTimeAllSucceed(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	dir := t.TempDir()
	testfiles.WriteAll(t, dir, tiny.gz)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				data, err := load(option, inDir(dir))
				if err != nil {
					t.Error(err)
					return
				}
				tiny.check(t, data)
			}
		})
	}
	group.Wait()
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".tmp") {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}

func TestLoadRemovesWhatAKilledProcessLeftBehind(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	testfiles.WriteAll(t, cache, tiny.gz)
	old, fresh := filepath.Join(cache, ".train-images-idx3-ubyte-1.tmp"), filepath.Join(cache, ".train-images-idx3-ubyte-2.tmp")
	testfiles.Write(t, old, []byte("half"))
	testfiles.Write(t, fresh, []byte("half"))
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := load(option); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the old temporary file is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("a temporary file that may be in use was removed")
	}
}

func TestLoadOfflineListsThePlacesAndHowToPlaceTheFiles(t *testing.T) {
	tiny := makeTinyOfficial(t)
	option, cache := tiny.isolate(t)
	_, err := load(option, offline())
	if !errors.Is(err, ErrNoData) {
		t.Fatalf("error %v, want ErrNoData", err)
	}
	for _, part := range []string{
		"$FASHION_MNIST_DIR: not set", filepath.Join("data", "fashion") + ": no such folder", cache + ": no such folder",
		"download: switched off", "By hand", "t10k-labels-idx1-ubyte.gz", tiny.table[3].gzMD5,
	} {
		if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(part)) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	if _, err := os.Stat(cache); !errors.Is(err, fs.ErrNotExist) {
		t.Error("an offline Load without data made the cache folder")
	}
}
