package fashion

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"fashionlab/fashion/internal/dataset"
	"fashionlab/fashion/internal/repository"
)

// ErrNoData is what the error of [Load] wraps when the files were found
// nowhere and could not be downloaded.
var ErrNoData = dataset.ErrNoData

// LoadOptions change where [LoadContext] takes the data from.
type LoadOptions struct {
	// Dir names the folder that holds the four files, plain or compressed, or the
	// root that was given to torchvision's FashionMNIST. Files with other names, and files
	// in folders inside of this one, are found by their content. No other place is tried.
	// By default no folder is given.
	Dir string
	// CacheDir names the folder for the uncompressed files, in place of
	// $FASHION_CACHE or the user's own.
	CacheDir string
	// Offline forbids the download.
	Offline bool
	// Progress gets the reports of a download: a bar if it is a terminal, and one line for
	// each file if not. Without it nothing is written.
	Progress io.Writer
	// Reverify has every file read and checked again, whether or not it was checked
	// before.
	Reverify bool
}

// Load returns Fashion-MNIST. It looks for the four files in the folder Dir of
// [LoadOptions]; or else in $FASHION_MNIST_DIR; or else in data/fashion of the course's
// repository, then in the cache, and then downloads them into the cache. The repository is
// the one that holds the current folder, or else the one that this program was compiled
// from.
//
// The files are checked against the official checksums wherever they come
// from. If the folder Dir or $FASHION_MNIST_DIR lacks a file, or if a
// file there or in the repository is not the official one, that is an error, not a
// reason to look elsewhere. A checked file is not checked again while its size
// and time of change stay the same (see Reverify), and its uncompressed
// content is kept in the cache ($FASHION_CACHE, or fashionlab in the user's
// cache folder), from where it is mapped into memory. Loading again takes
// about a millisecond for that reason. Nothing depends on the cache: where it
// cannot be written, the files are uncompressed into memory each time.
//
// The error says which file is wrong and in what, wraps [ErrNoData] if there is
// none, or is that of the file system.
func Load() (*Data, error) { return LoadContext(context.Background(), LoadOptions{}) }

// LoadContext is [Load] with options, and a context that can end a download. What was
// downloaded so far is kept, and the next call goes on from there.
func LoadContext(ctx context.Context, options LoadOptions) (*Data, error) {
	search := dataset.Search{
		Dir: options.Dir, CacheDir: options.CacheDir, Offline: options.Offline, Progress: options.Progress, Reverify: options.Reverify,
	}
	for _, root := range repository.Folders() {
		search.Local = append(search.Local, filepath.Join(root, "data", "fashion"))
	}
	found, err := dataset.Load(ctx, search)
	if err != nil {
		return nil, fmt.Errorf("fashion: %w", err)
	}
	data := &Data{Dir: found.Dir}
	for _, f := range found.Files {
		data.Files = append(data.Files, FileInfo{Name: f.Name, Path: f.Path, SHA256: f.SHA256, Bytes: f.Bytes, Verified: true})
	}
	data.Train = &Dataset{Name: "Fashion-MNIST train", Images: found.Files[0].Elements, Labels: found.Files[1].Elements}
	data.Test = &Dataset{Name: "Fashion-MNIST test", Images: found.Files[2].Elements, Labels: found.Files[3].Elements}
	for _, d := range []*Dataset{data.Train, data.Test} {
		if err := d.check(); err != nil {
			return nil, err
		}
	}
	return data, nil
}
