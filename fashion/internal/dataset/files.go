package dataset

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// officialFile describes one official file of the data set.
type officialFile struct {
	name      string // without .gz
	kind      idxKind
	count     int // images or labels
	gzBytes   int64
	gzMD5     string
	rawMD5    string
	rawSHA256 string
}

// rawBytes is the size of the uncompressed file.
func (f officialFile) rawBytes() int64 {
	return int64(f.kind.header) + int64(f.count)*int64(f.kind.item)
}

// gzName is the name under which the file is published.
func (f officialFile) gzName() string { return f.name + ".gz" }

// officialTable holds the files in a fixed order: images and labels to train
// on, images and labels to test with.
type officialTable [4]officialFile

// fashionMNIST describes the files of https://github.com/zalandoresearch/fashion-mnist.
// The MD5 sums of the compressed files are those on that page; the others were
// computed from files that match them.
var fashionMNIST = officialTable{
	{
		name: "train-images-idx3-ubyte", kind: imageIDX, count: 60000, gzBytes: 26421880,
		gzMD5:     "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
		rawMD5:    "f4a8712d7a061bf5bd6d2ca38dc4d50a",
		rawSHA256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
	},
	{
		name: "train-labels-idx1-ubyte", kind: labelIDX, count: 60000, gzBytes: 29515,
		gzMD5:     "25c81989df183df01b3e8a0aad5dffbe",
		rawMD5:    "9018921c3c673c538a1fc5bad174d6f9",
		rawSHA256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
	},
	{
		name: "t10k-images-idx3-ubyte", kind: imageIDX, count: 10000, gzBytes: 4422102,
		gzMD5:     "bef4ecab320f06d8554ea6380940ec79",
		rawMD5:    "8181f5470baa50b63fa0f6fddb340f0a",
		rawSHA256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
	},
	{
		name: "t10k-labels-idx1-ubyte", kind: labelIDX, count: 10000, gzBytes: 5148,
		gzMD5:     "bb300cfdad3c16e7a12a480ee83cd310",
		rawMD5:    "15d484375f8d13e6eb1aabb0c3f46965",
		rawSHA256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
	},
}

// byHand explains how to get the files without the program.
func (t officialTable) byHand() string {
	var text strings.Builder
	fmt.Fprintf(&text, "To place the files by hand, copy these four into the folder data/fashion of the repository, or into any folder and set FASHION_MNIST_DIR to it (plain files without .gz work, too):")
	for _, f := range t {
		fmt.Fprintf(&text, "\n  %-26s  %8d bytes  MD5 %s", f.gzName(), f.gzBytes, f.gzMD5)
	}
	return text.String()
}

// nameOf returns the name of the file with this content, or "".
func (t officialTable) nameOf(sha string) string {
	for _, f := range t {
		if f.rawSHA256 == sha {
			return f.name
		}
	}
	return ""
}

// foundFiles is the result of locate: the folder and the path of each file, "" for a
// missing file.
type foundFiles struct {
	dir   string
	paths [len(officialTable{})]string
	// nearly describes what is wrong with files that are similar to the missing ones.
	nearly []string
}

func (f foundFiles) complete() bool { return f.count() == len(f.paths) }

func (f foundFiles) count() int {
	n := 0
	for _, path := range f.paths {
		if path != "" {
			n++
		}
	}
	return n
}

// missing returns the names of the missing files.
func (f foundFiles) missing(table officialTable) []string {
	var names []string
	for i, path := range f.paths {
		if path == "" {
			names = append(names, table[i].gzName())
		}
	}
	return names
}

// lacks describes the missing files, and similar files that are there.
func (f foundFiles) lacks(table officialTable) string {
	text := f.dir + ": missing " + strings.Join(f.missing(table), ", ")
	if len(f.nearly) > 0 {
		text += "; similar files are there: " + strings.Join(f.nearly, "; ")
	}
	return text
}

// readOfficial returns the uncompressed content of the file at path if it is exactly that
// of f. The error describes the format if that is wrong, and otherwise the checksum.
func (t officialTable) readOfficial(path string, f officialFile) ([]byte, error) {
	content, err := readIDX(path, f.kind, f.count)
	if err != nil {
		var format *FormatError
		if errors.As(err, &format) && format.What == "compressed data" {
			sum := "unknown"
			if found, err := md5File(path); err == nil {
				sum = found
			}
			format.Want = fmt.Sprintf("%s with MD5 %s", plural(f.gzBytes, "byte"), f.gzMD5)
			format.Found += ", MD5 " + sum
		}
		return nil, err
	}
	if err := t.checkSHA256(path, f, hexSHA256(content)); err != nil {
		return nil, err
	}
	return content, nil
}

func (t officialTable) checkSHA256(path string, f officialFile, sum string) error {
	if sum == f.rawSHA256 {
		return nil
	}
	found := sum
	if name := t.nameOf(sum); name != "" {
		found += " (this is the content of " + name + ")"
	}
	return &FormatError{path, "SHA-256 of the uncompressed content", f.rawSHA256, found}
}

func hexSHA256(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func md5File(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
