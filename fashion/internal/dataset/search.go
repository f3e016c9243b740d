// Package dataset finds, verifies and reads the four files of Fashion-MNIST. It searches in a
// folder and in a cache of uncompressed files, and downloads the files if necessary.
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

// Environment variables that name the folders of the data.
const (
	dirVariable   = "FASHION_MNIST_DIR"
	cacheVariable = "FASHION_CACHE"
)

// ErrNoData is wrapped by the error of [Load] if the files were not found and could not be
// downloaded.
var ErrNoData = errors.New("Fashion-MNIST was not found")

// Search holds the places in which to look for the files.
type Search struct {
	Dir      string    // the only folder to search; "" for $FASHION_MNIST_DIR, Local, the cache and the network
	CacheDir string    // the folder of the cache; "" for $FASHION_CACHE or the user's cache folder
	Local    []string  // data/fashion of each repository
	Offline  bool      // no download
	Reverify bool      // read and check every file again
	Progress io.Writer // receives the progress of a download; nil for no reports
}

// Files are the four files, in the order train images, train labels, test images,
// test labels.
type Files struct {
	Dir   string // their folder; "" if they could be kept only in memory
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

// Load finds the files and verifies them, or downloads them into the cache. When the context
// is done, a download ends; the next one continues it. The error wraps a [FormatError] if a
// file is wrong, [ErrNoData] if there are no files, or an error of the file system.
func Load(ctx context.Context, s Search) (*Files, error) {
	return (&finder{Search: s, table: fashionMNIST, mirrors: officialMirrors}).load(ctx)
}

// finder carries out a search.
type finder struct {
	Search

	// Only tests change these.
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
		tried = append(tried, "data/fashion of the course's repository: the program runs outside of it")
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

// cachePath returns the folder of the cache; "" if there is none.
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

// fromGiven loads from a folder that the user chose. A missing file is an error.
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

// fromCache loads the files that the cache has, rebuilds damaged ones, and downloads the
// missing ones.
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
		tried = append(tried, "the cache: this user has no cache folder; set FASHION_CACHE to a folder")
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
			return nil, fmt.Errorf("the cache %s cannot be written, and there is no folder for a download of Fashion-MNIST: %w", cache.dir, err)
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
		// Another process may have downloaded the file while this one waited.
		if content, path, err := cache.stored(f); err == nil {
			contents[i], paths[i] = content, path
			continue
		}
		path, err := d.fetch(ctx, f)
		if err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("downloading %s: %w; the next download continues this one", f.gzName(), err)
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
			return nil, fmt.Errorf("reading a downloaded file: %w", err)
		}
		if folder == cache.dir {
			paths[i] = cache.path(f)
		}
	}
	dir := folder
	if folder != cache.dir {
		dir = "" // it is removed when this function returns
	}
	return c.files(dir, paths, contents)
}

// notFound returns the error that lists every place that was searched.
func (c *finder) notFound(tried []string) error {
	var text strings.Builder
	text.WriteString("\nTried:")
	for _, line := range tried {
		text.WriteString("\n  " + line)
	}
	return fmt.Errorf("%w%s\n%s", ErrNoData, text.String(), c.table.byHand())
}

// writableProbe is the name of the temporary file that writable makes.
const writableProbe = "try"

// writable reports whether files can be made in dir. It makes the folder if necessary.
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

// files returns the result for verified contents.
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
