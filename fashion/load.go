package fashion

import (
	"context"
	"io"
	"path/filepath"

	"fashionlab/fashion/internal/dataset"
	"fashionlab/fashion/internal/repository"
)

// ErrNoData is wrapped by the error of [Load] if the files were not found and could
// not be downloaded.
var ErrNoData = dataset.ErrNoData

// LoadOptions are the options of [LoadContext]. The zero value means those of [Load].
type LoadOptions struct {
	// Dir is the folder with the four files, plain or compressed, or the root
	// folder of torchvision's FashionMNIST. Files with other names, and files in
	// subfolders, are recognised by their content. Load searches no other place.
	// An empty path is ignored.
	Dir string
	// CacheDir is the folder for the uncompressed files, instead of FASHION_CACHE
	// or the user's cache folder.
	CacheDir string
	// Offline prevents downloads.
	Offline bool
	// Progress receives the progress of a download: a bar if it is a terminal, otherwise
	// one line for each file. If it is nil, nothing is written.
	Progress io.Writer
	// Reverify checks the content of every file, even if it was checked before.
	Reverify bool
}

// Load returns Fashion-MNIST. It looks for the four files in the folder Dir of
// [LoadOptions] if it is set; otherwise in FASHION_MNIST_DIR if it is set; otherwise in
// data/fashion of the course's repository and then in the cache, and downloads them into
// the cache if it does not find them. The repository is the one that contains the
// working directory, or else the one from which this program was compiled.
//
// Load compares all files with the official checksums. A file that is missing in Dir or
// FASHION_MNIST_DIR, and a file there or in the repository that is not the official
// one, is an error; Load does not search elsewhere then. A file is checked again only
// if its size or its time of modification has changed (see Reverify). The uncompressed
// content is stored in the cache (FASHION_CACHE, or fashionlab in the user's cache
// folder) and mapped into memory, so the next call takes about a millisecond. If the
// cache cannot be written, each call uncompresses the files into memory.
//
// The error names the file and what is wrong with it. It wraps [ErrNoData] if there are
// no files.
func Load() (*Data, error) { return LoadContext(context.Background(), LoadOptions{}) }

// LoadContext is [Load] with options and a context. When the context is done, a download
// ends; the next call continues it.
func LoadContext(ctx context.Context, options LoadOptions) (*Data, error) {
	search := dataset.Search{
		Dir: options.Dir, CacheDir: options.CacheDir, Offline: options.Offline, Progress: options.Progress, Reverify: options.Reverify,
	}
	for _, root := range repository.Folders() {
		search.Local = append(search.Local, filepath.Join(root, "data", "fashion"))
	}
	found, err := dataset.Load(ctx, search)
	if err != nil {
		return nil, err
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
