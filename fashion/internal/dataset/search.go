// Package dataset finds, verifies and reads the four files of Fashion-MNIST: in a folder,
// in a cache of uncompressed files, or on the network.
package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fashionlab/fashion/internal/atomicfile"
	"fashionlab/fashion/internal/userpath"
)

// Environment variables that say where the data are.
const (
	dirVariable   = "FASHION_MNIST_DIR"
	cacheVariable = "FASHION_CACHE"
)

// ErrNoData is what the error of [Load] wraps when the files were found
// nowhere and could not be downloaded.
var ErrNoData = errors.New("Fashion-MNIST was not found")

// Search says where to look for the files.
type Search struct {
	Dir      string    // the one folder to look in; "" for $FASHION_MNIST_DIR, Local, the cache and the network
	CacheDir string    // the folder of the cache; "" for $FASHION_CACHE or the user's own
	Local    []string  // data/fashion of each repository
	Offline  bool      // no download
	Reverify bool      // read and check every file again
	Progress io.Writer // what a download reports to; nil: nothing
}

// Files are the four files, in the order train images, train labels, test images,
// test labels.
type Files struct {
	Dir   string // where they were found; "" if they could only be kept in memory
	Files [len(officialTable{})]File
}

// File is one file, verified.
type File struct {
	Name     string // official name without .gz
	Path     string // the file that was used, plain or compressed; "" if it was not kept on disk
	SHA256   string // of the uncompressed content, hexadecimal
	Bytes    int64  // of the uncompressed content
	Elements []byte // the content without its header: pixels or labels
}

// Load finds the files and verifies them, or brings them into the cache. A context that
// is done ends a download; what has arrived is kept for the next one. The error is,
// wrapped, a [FormatError] if a file is wrong, [ErrNoData] if there is none, or that of
// the file system.
func Load(ctx context.Context, s Search) (*Files, error) {
	return (&finder{Search: s, table: fashionMNIST, mirrors: officialMirrors}).load(ctx)
}

// finder carries out a search.
type finder struct {
	Search

	// What only tests change.
	table    officialTable
	mirrors  []string
	download func(*downloader)
}

func (c *finder) load(ctx context.Context) (*Files, error) {
	cachePath, err := c.cachePath()
	if err != nil {
		return nil, err
	}
	cache := dataCache{dir: cachePath, table: c.table, reverify: c.Reverify}
	if c.Dir != "" {
		return c.fromGiven(cache, c.Dir, "the folder that was given", "give another folder")
	}
	if dir := os.Getenv(dirVariable); dir != "" {
		return c.fromGiven(cache, dir, "$"+dirVariable, "set "+dirVariable+" to another folder or unset it")
	}

	tried := []string{"$" + dirVariable + ": not set"}
	if len(c.Local) == 0 {
		tried = append(tried, "data/fashion of the course's repository: this program runs outside of it")
	}
	for _, dir := range c.Local {
		found, err := cache.locate(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			tried = append(tried, dir+": no such folder")
		case err != nil:
			return nil, fmt.Errorf("looking for Fashion-MNIST in %s: %w", dir, err)
		case found.complete():
			return c.fromFolder(cache, found, dir, "replace the file by the official one, or remove it to have the data downloaded")
		default:
			tried = append(tried, found.lacks(c.table))
		}
	}
	return c.fromCache(ctx, cache, tried)
}

// cachePath is the folder of the cache; "" if there is no place for it.
func (c *finder) cachePath() (string, error) {
	dir := c.CacheDir
	if dir == "" {
		dir = os.Getenv(cacheVariable)
	}
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", nil
		}
		return filepath.Join(user, "fashionlab"), nil
	}
	dir, err := userpath.Expand(dir)
	if err != nil {
		return "", fmt.Errorf("the cache: %w", err)
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", nil
	}
	return absolute, nil
}

// fromGiven loads from a folder that the user chose, where every lack is an
// error.
func (c *finder) fromGiven(cache dataCache, dir, origin, remedy string) (*Files, error) {
	dir, err := userpath.Expand(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for Fashion-MNIST in %s: %w", origin, err)
	}
	found, err := cache.locate(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for Fashion-MNIST in %s: %w; %s", origin, err, remedy)
	}
	if !found.complete() {
		return nil, fmt.Errorf("%w in %s: %s; put the missing files there or %s", ErrNoData, origin, found.lacks(c.table), remedy)
	}
	return c.fromFolder(cache, found, origin, "replace the file by the official one, or "+remedy)
}

func (c *finder) fromFolder(cache dataCache, found foundFiles, origin, remedy string) (*Files, error) {
	var contents [len(officialTable{})][]byte
	for i, f := range c.table {
		content, err := cache.source(found.paths[i], f)
		if err != nil {
			return nil, fmt.Errorf("loading Fashion-MNIST from %s: %w; %s", origin, err, remedy)
		}
		contents[i] = content
	}
	return c.files(found.dir, found.paths, contents)
}

// fromCache takes what the cache has, rebuilds what is damaged there, and
// downloads the rest.
func (c *finder) fromCache(ctx context.Context, cache dataCache, tried []string) (*Files, error) {
	var (
		contents [len(officialTable{})][]byte
		paths    [len(officialTable{})]string
		problems []string
	)
	missing := 0
	for i, f := range c.table {
		content, path, err := cache.stored(f)
		if err != nil {
			missing++
			problems = append(problems, err.Error())
			continue
		}
		contents[i], paths[i] = content, path
	}
	if missing == 0 {
		return c.files(cache.dir, paths, contents)
	}

	if cache.dir == "" {
		tried = append(tried, "the cache: this user has no cache folder; FASHION_CACHE can name one")
	} else if _, err := os.Stat(cache.dir); errors.Is(err, fs.ErrNotExist) {
		tried = append(tried, cache.dir+": no such folder")
	} else {
		tried = append(tried, problems...)
	}
	if c.Offline {
		tried = append(tried, "download: switched off")
		return nil, c.notFound(tried)
	}

	folder := cache.dir
	if !writable(folder) {
		temporary, err := os.MkdirTemp("", "fashionlab-")
		if err != nil {
			return nil, fmt.Errorf("the cache %s cannot be written, and there is no room to download Fashion-MNIST to: %w", cache.dir, err)
		}
		defer os.RemoveAll(temporary)
		folder = temporary
	}
	d := newDownloader(folder, c.mirrors, c.Progress)
	if c.download != nil {
		c.download(d)
	}
	unlock, err := d.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting for another program to finish its download into %s: %w", folder, err)
	}
	defer unlock()
	for i, f := range c.table {
		if contents[i] != nil {
			continue
		}
		// Another process may have brought the file while this one waited.
		if content, path, err := cache.stored(f); err == nil {
			contents[i], paths[i] = content, path
			continue
		}
		path, err := d.fetch(ctx, f)
		if err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("downloading %s: %w; what has arrived is kept for the next time", f.gzName(), err)
			}
			var attempts attemptErrors
			if !errors.As(err, &attempts) {
				return nil, fmt.Errorf("downloading %s: %w", f.gzName(), err)
			}
			for _, attempt := range attempts {
				tried = append(tried, attempt.Error())
			}
			return nil, c.notFound(tried)
		}
		if contents[i], err = cache.source(path, f); err != nil {
			return nil, fmt.Errorf("reading what was downloaded: %w", err)
		}
		if folder == cache.dir {
			paths[i] = cache.path(f)
		}
	}
	dir := folder
	if folder != cache.dir {
		dir = "" // gone when this function returns
	}
	return c.files(dir, paths, contents)
}

// notFound is the error that lists every place in which the data are not.
func (c *finder) notFound(tried []string) error {
	var text strings.Builder
	text.WriteString("\nTried:")
	for _, line := range tried {
		text.WriteString("\n  " + line)
	}
	return fmt.Errorf("%w%s\n%s", ErrNoData, text.String(), c.table.byHand())
}

// writableProbe is the name for which writable makes a temporary file.
const writableProbe = "try"

// writable reports whether files can be made in dir, which it makes if needed.
func writable(dir string) bool {
	if dir == "" || os.MkdirAll(dir, 0o777) != nil {
		return false
	}
	file, err := atomicfile.CreateTemporary(filepath.Join(dir, writableProbe), 0o666)
	if err != nil {
		return false
	}
	file.Close()
	return os.Remove(file.Name()) == nil
}

// files puts verified contents together.
func (c *finder) files(dir string, paths [len(officialTable{})]string, contents [len(officialTable{})][]byte) (*Files, error) {
	found := &Files{Dir: dir}
	if dir != "" {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		found.Dir = absolute
	}
	for i, f := range c.table {
		path := paths[i]
		if path != "" {
			absolute, err := filepath.Abs(path)
			if err != nil {
				return nil, err
			}
			path = absolute
		}
		found.Files[i] = File{Name: f.name, Path: path, SHA256: f.rawSHA256, Bytes: f.rawBytes(), Elements: contents[i][f.kind.header:]}
	}
	return found, nil
}
