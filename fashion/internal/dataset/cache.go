package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	mmap "github.com/edsrzf/mmap-go"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/regularfile"
)

// dataCache is a folder with the verified files, uncompressed so that they can be mapped
// into memory, and with stamps: records of the files, in the cache and elsewhere, that were
// verified. All its files are written under a temporary name and renamed, so other
// processes never read incomplete files.
//
// A cache that cannot be written is not an error: each call then verifies and uncompresses
// the files.
type dataCache struct {
	dir      string // "" if there is no cache
	table    officialTable
	reverify bool // verify files even if they have a valid stamp
}

var errNoCache = errors.New("no cache folder")

// stamp records that a file has the right content. It is valid while the file's size and
// time of modification do not change.
type stamp struct {
	Path     string `json:"path"`
	Bytes    int64  `json:"bytes"`
	Modified int64  `json:"modified_ns"`
	SHA256   string `json:"sha256"` // of the uncompressed content
}

func stampOf(path string, info fs.FileInfo, f officialFile) (stamp, error) {
	absolute, err := filepath.Abs(path)
	return stamp{absolute, info.Size(), info.ModTime().UnixNano(), f.rawSHA256}, err
}

// stampPath returns the path of a stamp. Every file has its own stamp, so processes that
// verify different files at the same time do not overwrite each other's stamps.
func (c dataCache) stampPath(s stamp) string {
	return filepath.Join(c.dir, "stamps", hexSHA256([]byte(s.Path))[:32]+".json")
}

// isVerified reports whether the file at path, with this size and time, has a valid stamp
// for the content of f.
func (c dataCache) isVerified(path string, info fs.FileInfo, f officialFile) bool {
	if c.dir == "" || c.reverify {
		return false
	}
	expected, err := stampOf(path, info, f)
	if err != nil {
		return false
	}
	text, err := os.ReadFile(c.stampPath(expected))
	if err != nil {
		return false
	}
	var found stamp
	return json.Unmarshal(text, &found) == nil && found == expected
}

// remember writes a stamp: the file at path, with the size and time in info, has the
// content of f. Errors are ignored, since the only effect is that the file is verified again.
func (c dataCache) remember(path string, info fs.FileInfo, f officialFile) {
	if c.dir == "" {
		return
	}
	s, err := stampOf(path, info, f)
	if err != nil {
		return
	}
	text, err := json.Marshal(s)
	if err != nil {
		return
	}
	_ = c.write(c.stampPath(s), append(text, '\n'))
}

// path returns the path of the uncompressed content of f.
func (c dataCache) path(f officialFile) string { return filepath.Join(c.dir, f.name) }

// open verifies the cached content of f and maps it into memory. The error is
// fs.ErrNotExist or errNoCache if there is none, and a FormatError if it is wrong.
func (c dataCache) open(f officialFile) ([]byte, error) {
	if c.dir == "" {
		return nil, errNoCache
	}
	path := c.path(f)
	file, _, err := regularfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != f.rawBytes() {
		return nil, &FormatError{path, "size", plural(f.rawBytes(), "byte"), plural(info.Size(), "byte")}
	}
	if !c.isVerified(path, info, f) {
		sum := sha256.New()
		if _, err := io.Copy(sum, file); err != nil {
			return nil, err
		}
		if err := c.table.checkSHA256(path, f, hex.EncodeToString(sum.Sum(nil))); err != nil {
			return nil, err
		}
		if after, err := file.Stat(); err == nil && sameState(info, after) {
			c.remember(path, info, f)
		}
	}
	return mapFile(path, file, info)
}

// source returns the content of f from the file at path. It verifies the file unless there
// is a valid stamp. The content is stored in the cache and mapped from there if possible;
// otherwise it is in memory.
func (c dataCache) source(path string, f officialFile) ([]byte, error) {
	before, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if c.isVerified(path, before, f) {
		if content, err := c.open(f); err == nil {
			return content, nil
		}
	}
	content, err := c.table.readOfficial(path, f)
	if err != nil {
		return nil, err
	}
	if after, err := os.Stat(path); err == nil && sameState(before, after) {
		c.remember(path, before, f)
	}
	if kept, err := c.keep(f, content); err == nil {
		return kept, nil
	}
	return content, nil
}

// keep stores verified content in the cache, if it is not there yet, and maps it into
// memory.
func (c dataCache) keep(f officialFile, content []byte) ([]byte, error) {
	if c.dir == "" {
		return nil, errNoCache
	}
	if kept, err := c.open(f); err == nil {
		return kept, nil
	}
	c.sweep()
	path := c.path(f)
	if err := c.write(path, content); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != int64(len(content)) {
		return nil, fmt.Errorf("%s was changed by another program", path)
	}
	c.remember(path, info, f)
	return mapFile(path, file, info)
}

// stored returns the content of f from the cache and its path. If the uncompressed copy is
// missing or damaged, it makes a new one from the downloaded file in the cache.
func (c dataCache) stored(f officialFile) ([]byte, string, error) {
	content, err := c.open(f)
	if err == nil {
		return content, c.path(f), nil
	}
	if c.dir == "" {
		return nil, "", err
	}
	download := filepath.Join(c.dir, f.gzName())
	content, downloadErr := c.source(download, f)
	if downloadErr == nil {
		if _, err := os.Stat(c.path(f)); err == nil {
			return content, c.path(f), nil
		}
		return content, download, nil
	}
	switch {
	case !errors.Is(downloadErr, fs.ErrNotExist):
		return nil, "", downloadErr
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", fmt.Errorf("%s: no file %s", c.dir, f.gzName())
	default:
		return nil, "", err
	}
}

// write writes a file of the cache, and makes its folder if necessary.
func (c dataCache) write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return atomicfile.Write(path, content)
}

// sweep removes temporary files of processes that were killed while they wrote. An hour is
// far longer than any write takes.
func (c dataCache) sweep() {
	atomicfile.RemoveLeftovers(c.dir, time.Hour, func(name string) bool {
		return name == writableProbe || slices.ContainsFunc(c.table[:], func(f officialFile) bool { return f.name == name })
	})
}

func sameState(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// mapping is a file mapped into memory. It is never unmapped, because slices of it may be in
// use. Later calls use the same mapping, so they need no more address space.
type mapping struct {
	info    fs.FileInfo
	content []byte
}

var mappings struct {
	sync.Mutex
	byPath map[string]mapping
}

// mapRegion maps a whole file. COPY makes the mapping private: a program can write to the
// images without a crash and without a change to the file.
var mapRegion = func(file *os.File) ([]byte, error) {
	return mmap.Map(file, mmap.COPY, 0)
}

// mapFile maps the open file into memory, or reads it if it cannot be mapped.
func mapFile(path string, file *os.File, info fs.FileInfo) ([]byte, error) {
	mappings.Lock()
	defer mappings.Unlock()
	if known, ok := mappings.byPath[path]; ok && os.SameFile(known.info, info) && sameState(known.info, info) {
		return known.content, nil
	}
	content, err := mapRegion(file)
	if err != nil {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		content = make([]byte, info.Size())
		if _, err := io.ReadFull(file, content); err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		return content, nil
	}
	if int64(len(content)) != info.Size() {
		return nil, fmt.Errorf("%s: mapped %d bytes, want %d", path, len(content), info.Size())
	}
	if mappings.byPath == nil {
		mappings.byPath = map[string]mapping{}
	}
	mappings.byPath[path] = mapping{info, content}
	return content, nil
}
