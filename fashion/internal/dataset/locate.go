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

// locate looks for the files in dir, then where torchvision's FashionMNIST
// puts them when its root is dir. Of those folders it returns the one that has
// most of them. A plain file is preferred to a compressed one beside it. Files that are
// nowhere under their own names are looked for by content.
func (c dataCache) locate(dir string) (foundFiles, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return foundFiles{}, err
	}
	if !info.IsDir() {
		return foundFiles{}, fmt.Errorf("%s is %s, expected a folder", dir, regularfile.Kind(info.Mode()))
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
				// Some archives unpack each file into a folder of its name.
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

// How much of a folder identify looks at. A data set of other pictures may hold
// thousands of files.
const (
	maxEntries = 10000 // names
	maxSniffed = 500   // files that are opened
	maxNearly  = 5     // files that an error names
)

// identify completes found with files of other names: those in dir, one folder
// further down, and the same in torchvision's folder. Content decides: a file
// is taken whose checksum is the official one.
func (c dataCache) identify(dir string, found *foundFiles) {
	var nearly []string
	sniffed := 0
	paths := candidates(dir)
	// Those with telling names first, in case there are too many.
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

// candidates lists the paths in dir and in the folders inside of it, but for
// hidden folders, which hold what was thrown away.
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

// entriesOf lists what is in a folder, in the order of the names, and lowers the number
// of entries that may still be listed. A folder that cannot be read, such as lost+found,
// has nothing for this user.
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

// sniff returns the position in the table of the file that the one at path may be, by
// the beginning of its content. The error says why it is none.
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
		return 0, fmt.Errorf("it has %s, then it ends", plural(int64(n), "byte"))
	}
	for i, f := range t {
		if string(start) == string(f.start()) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("it begins with the bytes % x, unlike the files of Fashion-MNIST", start)
}

// start is how the uncompressed file begins: with its magic number and its count.
func (f officialFile) start() []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, f.kind.magic), uint32(f.count))
}

// resemblance is 1 if a file's name is an official one in another spelling, with
// whatever before and behind it, and else 0.
func (t officialTable) resemblance(path string) int {
	name := lettersOf(filepath.Base(path))
	for _, f := range t {
		// "train-images", "t10k-labels": what comes behind differs most.
		if first, _, ok := strings.Cut(f.name, "-idx"); ok && strings.Contains(name, lettersOf(first)) {
			return 1
		}
	}
	return 0
}

// lettersOf leaves out everything but letters and digits, and capitals.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
