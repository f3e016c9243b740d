package dataset

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"fashionlab/fashion/internal/regularfile"
)

// locate looks for the files in dir and in the subfolders that torchvision's FashionMNIST
// uses when its root is dir, and returns the folder with the most files. If a file is there
// both plain and compressed, the plain one is used. Files without their official names are
// recognised by their content.
func (c dataCache) locate(dir string) (foundFiles, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return foundFiles{}, err
	}
	if !info.IsDir() {
		return foundFiles{}, fmt.Errorf("%s is %s, want a folder", dir, regularfile.Kind(info.Mode()))
	}
	best := foundFiles{dir: dir}
	for _, folder := range []string{".", torchvisionFolder, "raw"} {
		found := foundFiles{dir: filepath.Join(dir, folder)}
		for i, f := range c.table {
			for _, name := range []string{f.name, f.gzName()} {
				path := filepath.Join(found.dir, name)
				info, err := os.Stat(path)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return foundFiles{}, err
				}
				// Some programs unpack each file into a folder with the file's name.
				if err == nil && !info.IsDir() {
					found.paths[i] = path
					break
				}
			}
		}
		if found.count() > best.count() {
			best = found
		}
	}
	if !best.complete() {
		c.identify(dir, &best)
	}
	return best, nil
}

var torchvisionFolder = filepath.Join("FashionMNIST", "raw")

// Limits for identify, since a folder with other data may hold thousands of files.
const (
	maxEntries = 10000 // names
	maxSniffed = 500   // files that are opened
	maxNearly  = 5     // files that an error names
)

// identify adds files with other names to found: files in dir and its subfolders, and in
// torchvision's folder and its subfolders, whose checksum is the official one.
func (c dataCache) identify(dir string, found *foundFiles) {
	var nearly []string
	sniffed := 0
	paths := candidates(dir)
	// Files with similar names come first, in case there are too many files.
	slices.SortStableFunc(paths, func(a, b string) int {
		return cmp.Compare(c.table.resemblance(b), c.table.resemblance(a))
	})
	for _, path := range paths {
		if found.complete() || sniffed == maxSniffed {
			break
		}
		if slices.Contains(found.paths[:], path) {
			continue
		}
		meant := c.table.resemblance(path) > 0
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = errors.New("it is a link to a file that is not there")
		case err == nil && info.IsDir():
			continue
		case err == nil:
			sniffed++
			var wanted int
			if wanted, err = c.table.sniff(path); err != nil {
				break
			}
			if found.paths[wanted] != "" {
				continue // a second copy
			}
			if _, err = c.source(path, c.table[wanted]); err == nil {
				found.paths[wanted] = path
				continue
			}
			meant = true
		}
		if meant {
			text := err.Error()
			if !strings.Contains(text, path) {
				text = path + ": " + text
			}
			nearly = append(nearly, text)
		}
	}
	if len(nearly) > maxNearly {
		nearly = append(nearly[:maxNearly], fmt.Sprintf("and %s more", plural(int64(len(nearly)-maxNearly), "file")))
	}
	found.nearly = nearly
}

// candidates returns the paths in dir and its subfolders, except hidden subfolders, which
// may hold deleted files.
func candidates(dir string) []string {
	var paths []string
	left := maxEntries
	for _, root := range []string{dir, filepath.Join(dir, torchvisionFolder)} {
		var folders []string
		for _, path := range entriesOf(root, &left) {
			info, err := os.Stat(path)
			if err == nil && info.IsDir() {
				if !strings.HasPrefix(filepath.Base(path), ".") {
					folders = append(folders, path)
				}
				continue
			}
			paths = append(paths, path)
		}
		for _, folder := range folders {
			paths = append(paths, entriesOf(folder, &left)...)
		}
	}
	return paths
}

// entriesOf returns the paths in a folder, sorted by name, and subtracts their number from
// left. A folder that cannot be read, such as lost+found, has no entries.
func entriesOf(dir string, left *int) []string {
	if *left <= 0 {
		return nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer folder.Close()
	names, err := folder.Readdirnames(*left)
	if err != nil {
		return nil // io.EOF if it is empty
	}
	*left -= len(names)
	slices.Sort(names)
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	return names
}

// sniff returns the position in the table of the official file whose content begins as the
// file at path does. The error explains why there is none.
func (t officialTable) sniff(path string) (int, error) {
	file, size, err := regularfile.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	compressed, err := isGzip(file)
	if err != nil {
		return 0, err
	}
	var content io.Reader = file
	if compressed {
		if content, err = newGunzip(file); err != nil {
			return 0, badGzip(path, size, err)
		}
	}
	start := make([]byte, 8) // magic number and count
	if n, err := io.ReadFull(content, start); err != nil {
		return 0, fmt.Errorf("it has only %s", plural(int64(n), "byte"))
	}
	for i, f := range t {
		if string(start) == string(f.start()) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("it begins with the bytes % x, want those of a file of Fashion-MNIST", start)
}

// start returns the first bytes of the uncompressed file: its magic number and its count.
func (f officialFile) start() []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, f.kind.magic), uint32(f.count))
}

// resemblance is 1 if a file's name contains an official name, perhaps in another spelling,
// and otherwise 0.
func (t officialTable) resemblance(path string) int {
	name := lettersOf(filepath.Base(path))
	for _, f := range t {
		// "train-images", "t10k-labels": the rest of the name varies most.
		if first, _, ok := strings.Cut(f.name, "-idx"); ok && strings.Contains(name, lettersOf(first)) {
			return 1
		}
	}
	return 0
}

// lettersOf returns the letters and digits of a name, in lower case.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
