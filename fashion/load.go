package fashion

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

// LoadOption changes where [Load] takes the data from.
type LoadOption func(*loadConfig)

// Dir names the folder that holds the four files, plain or compressed, or the
// root that was given to torchvision's FashionMNIST. Files with other names, and files
// in folders inside of this one, are found by their content. No other place is tried.
// An empty path means that no folder is given.
func Dir(path string) LoadOption {
	return func(c *loadConfig) { c.dir = path }
}

// CacheDir names the folder for the uncompressed files, in place of
// $FASHION_CACHE or the user's own. An empty path changes nothing.
func CacheDir(path string) LoadOption {
	return func(c *loadConfig) { c.cacheDir = path }
}

// Offline forbids the download.
func Offline() LoadOption {
	return func(c *loadConfig) { c.offline = true }
}

// Progress makes a download report to w: as a bar if w is a terminal, and as
// one line per file if not. Without it Load is silent.
func Progress(w io.Writer) LoadOption {
	return func(c *loadConfig) { c.progress = w }
}

// Reverify makes Load read and check every file again, whether or not it was
// checked before.
func Reverify() LoadOption {
	return func(c *loadConfig) { c.reverify = true }
}

type loadConfig struct {
	dir      string
	cacheDir string
	offline  bool
	progress io.Writer
	reverify bool

	// What only tests change.
	table     officialTable
	localDirs []string // data/fashion of each repository
	mirrors   []string
	download  func(*downloader)
}

// Load returns Fashion-MNIST. It looks for the four files in the folder given
// with [Dir]; or else in $FASHION_MNIST_DIR; or else in data/fashion of the course's
// repository, then in the cache, and then downloads them into the cache. The repository is
// the one that holds the current folder, or else the one that this program was compiled
// from.
//
// The files are checked against the official checksums wherever they come
// from. If the folder given with Dir or $FASHION_MNIST_DIR lacks a file, or if a
// file there or in the repository is not the official one, that is an error, not a
// reason to look elsewhere. A checked file is not checked again while its size
// and time of change stay the same (see [Reverify]), and its uncompressed
// content is kept in the cache ($FASHION_CACHE, or fashionlab in the user's
// cache folder), from where it is mapped into memory. Loading again takes
// about a millisecond for that reason. Nothing depends on the cache: where it
// cannot be written, the files are uncompressed into memory each time.
//
// The error is, wrapped, a [FormatError] if a file is wrong, [ErrNoData] if
// there is none, or that of the file system.
func Load(options ...LoadOption) (*Data, error) {
	return LoadContext(context.Background(), options...)
}

// LoadContext is [Load] with a context that can end a download. What was
// downloaded so far is kept, and the next call goes on from there.
func LoadContext(ctx context.Context, options ...LoadOption) (*Data, error) {
	c := loadConfig{table: fashionMNIST, mirrors: officialMirrors}
	for _, root := range repositories() {
		c.localDirs = append(c.localDirs, filepath.Join(root, "data", "fashion"))
	}
	for _, option := range options {
		option(&c)
	}
	data, err := c.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("fashion: %w", err)
	}
	return data, nil
}

func (c *loadConfig) load(ctx context.Context) (*Data, error) {
	cachePath, err := c.cachePath()
	if err != nil {
		return nil, err
	}
	cache := dataCache{dir: cachePath, table: c.table, reverify: c.reverify}
	if c.dir != "" {
		return c.fromGiven(cache, c.dir, "the folder that was given", "give another folder")
	}
	if dir := os.Getenv(dirVariable); dir != "" {
		return c.fromGiven(cache, dir, "$"+dirVariable, "set "+dirVariable+" to another folder or unset it")
	}

	tried := []string{"$" + dirVariable + ": not set"}
	if len(c.localDirs) == 0 {
		tried = append(tried, "data/fashion of the course's repository: this program runs outside of it")
	}
	for _, dir := range c.localDirs {
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
func (c *loadConfig) cachePath() (string, error) {
	dir := c.cacheDir
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
func (c *loadConfig) fromGiven(cache dataCache, dir, origin, remedy string) (*Data, error) {
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

func (c *loadConfig) fromFolder(cache dataCache, found foundFiles, origin, remedy string) (*Data, error) {
	var contents [len(officialTable{})][]byte
	for i, f := range c.table {
		content, err := cache.source(found.paths[i], f)
		if err != nil {
			return nil, fmt.Errorf("loading Fashion-MNIST from %s: %w; %s", origin, err, remedy)
		}
		contents[i] = content
	}
	return c.data(found.dir, found.paths, contents)
}

// fromCache takes what the cache has, rebuilds what is damaged there, and
// downloads the rest.
func (c *loadConfig) fromCache(ctx context.Context, cache dataCache, tried []string) (*Data, error) {
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
		return c.data(cache.dir, paths, contents)
	}

	if cache.dir == "" {
		tried = append(tried, "the cache: this user has no cache folder; FASHION_CACHE can name one")
	} else if _, err := os.Stat(cache.dir); errors.Is(err, fs.ErrNotExist) {
		tried = append(tried, cache.dir+": no such folder")
	} else {
		tried = append(tried, problems...)
	}
	if c.offline {
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
	d := newDownloader(folder, c.mirrors, c.progress)
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
	return c.data(dir, paths, contents)
}

// stored returns what the cache has of f: its uncompressed copy, or if that is
// missing or damaged a new one made from the download that lies beside it.
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
		return nil, "", fmt.Errorf("%s: lacks %s", c.dir, f.gzName())
	default:
		return nil, "", err
	}
}

// notFound is the error that lists every place in which the data are not.
func (c *loadConfig) notFound(tried []string) error {
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

// data puts verified contents together.
func (c *loadConfig) data(dir string, paths [len(officialTable{})]string, contents [len(officialTable{})][]byte) (*Data, error) {
	if dir != "" {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		dir = absolute
	}
	data := &Data{Dir: dir}
	for i, f := range c.table {
		path := paths[i]
		if path != "" {
			absolute, err := filepath.Abs(path)
			if err != nil {
				return nil, err
			}
			path = absolute
		}
		data.Files = append(data.Files, FileInfo{Name: f.name, Path: path, SHA256: f.rawSHA256, Bytes: f.rawBytes(), Verified: true})
		contents[i] = contents[i][f.kind.header:]
	}
	data.Train = &Dataset{Name: "Fashion-MNIST train", Images: contents[0], Labels: contents[1]}
	data.Test = &Dataset{Name: "Fashion-MNIST test", Images: contents[2], Labels: contents[3]}
	for _, d := range []*Dataset{data.Train, data.Test} {
		if err := d.check(); err != nil {
			return nil, err
		}
	}
	return data, nil
}
