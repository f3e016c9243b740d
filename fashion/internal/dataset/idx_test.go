package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fashionlab/fashion/internal/random"
	"fashionlab/fashion/internal/regularfile"
	"fashionlab/fashion/internal/testfiles"
)

func idxBytes(magic uint32, dimensions []uint32, elements []byte) []byte {
	content := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dimensions {
		content = binary.BigEndian.AppendUint32(content, d)
	}
	return append(content, elements...)
}

func imageBytes(count uint32, elements int) []byte {
	return idxBytes(imageMagic, []uint32{count, ImageHeight, ImageWidth}, make([]byte, elements))
}

// idxFile is a whole file of images or labels.
func idxFile(kind idxKind, elements []byte) []byte {
	dimensions := []uint32{uint32(len(elements) / kind.item)}
	if kind == imageIDX {
		dimensions = append(dimensions, ImageHeight, ImageWidth)
	}
	return idxBytes(kind.magic, dimensions, elements)
}

// readElements reads any number of items.
func readElements(path string, kind idxKind) ([]byte, error) {
	content, err := readIDX(path, kind, -1)
	if err != nil {
		return nil, err
	}
	return content[kind.header:], nil
}

func readImages(path string) ([]byte, error) { return readElements(path, imageIDX) }
func readLabels(path string) ([]byte, error) { return readElements(path, labelIDX) }

func TestIDXReadsWhatWasWrittenPlainAndCompressed(t *testing.T) {
	images := make([]byte, 3*ImagePixels)
	for i := range images {
		images[i] = byte(i * 7)
	}
	labels := []byte{9, 0, 4}
	imageFile, labelFile := idxFile(imageIDX, images), idxFile(labelIDX, labels)
	// The header byte by byte, so that reader and test cannot agree on an error.
	if want := []byte{0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28}; !bytes.Equal(imageFile[:16], want) {
		t.Errorf("header of images: %v, want %v", imageFile[:16], want)
	}
	if want := []byte{0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 4}; !bytes.Equal(labelFile, want) {
		t.Errorf("file of labels: %v, want %v", labelFile, want)
	}
	dir := t.TempDir()
	for name, pack := range map[string]func([]byte) []byte{
		"plain":      func(b []byte) []byte { return b },
		"compressed": func(b []byte) []byte { return compress(t, b) },
	} {
		// The content decides, not the name.
		testfiles.Write(t, filepath.Join(dir, "images"), pack(imageFile))
		testfiles.Write(t, filepath.Join(dir, "labels.gz"), pack(labelFile))
		gotImages, err := readImages(filepath.Join(dir, "images"))
		if err != nil || !bytes.Equal(gotImages, images) {
			t.Errorf("%s images: error %v, equal %v", name, err, bytes.Equal(gotImages, images))
		}
		gotLabels, err := readLabels(filepath.Join(dir, "labels.gz"))
		if err != nil || !bytes.Equal(gotLabels, labels) {
			t.Errorf("%s labels: error %v, got %v, want %v", name, err, gotLabels, labels)
		}
	}
}

// gunzip(1) accepts zeros after the data, which tapes and disk tools write to fill a block,
// and several members.
func TestIDXReadsCompressedFilesAsGunzipDoes(t *testing.T) {
	plain := imageBytes(3, 3*ImagePixels)
	whole := compress(t, plain)
	halves := append(compress(t, plain[:1000]), compress(t, plain[1000:])...)
	for what, content := range map[string][]byte{
		"one zero":                       append(bytes.Clone(whole), 0),
		"a block of zeros":               append(bytes.Clone(whole), make([]byte, 512-len(whole)%512)...),
		"a megabyte of zeros":            append(bytes.Clone(whole), make([]byte, 1<<20)...),
		"two members":                    halves,
		"two members, zeros behind them": append(bytes.Clone(halves), make([]byte, 10240)...),
		"an empty member behind":         append(bytes.Clone(whole), compress(t, nil)...),
	} {
		path := filepath.Join(t.TempDir(), "file")
		testfiles.Write(t, path, content)
		images, err := readImages(path)
		if err != nil || !bytes.Equal(images, plain[imageIDX.header:]) {
			t.Errorf("%s: error %v", what, err)
		}
	}
	for what, behind := range map[string][]byte{
		"text": []byte("<html>"), "zeros and then text": append(make([]byte, 512), "x"...),
		"another header that is cut off": {0x1f, 0x8b, 8}, "half a member": compress(t, plain)[:40], "Ctrl-Z": bytes.Repeat([]byte{0x1a}, 60),
	} {
		path := filepath.Join(t.TempDir(), "file")
		testfiles.Write(t, path, append(bytes.Clone(whole), behind...))
		var format *FormatError
		if _, err := readImages(path); !errors.As(err, &format) {
			t.Errorf("%s behind the data: error %v, want a FormatError", what, err)
		}
	}
}

func TestIDXAcceptsAFileWithoutItems(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty")
	testfiles.Write(t, path, imageBytes(0, 0))
	images, err := readImages(path)
	if err != nil || len(images) != 0 {
		t.Errorf("%d bytes and error %v, want 0 bytes", len(images), err)
	}
}

// Each case is a damaged file and the error for it.
func TestIDXRejects(t *testing.T) {
	good := imageBytes(2, 2*ImagePixels)
	goodLabels := idxBytes(labelMagic, []uint32{3}, []byte{1, 2, 3})
	goodGzip := compress(t, good)
	flipped := bytes.Clone(goodGzip)
	flipped[len(flipped)-6] ^= 0xff // in the checksum that gzip keeps at the end

	images := func(path string) error { _, err := readImages(path); return err }
	labels := func(path string) error { _, err := readLabels(path); return err }
	for name, test := range map[string]struct {
		read    func(string) error
		content []byte
		want    FormatError // without the file
	}{
		"an empty file": {images, nil,
			FormatError{What: "header", Want: "16 bytes", Found: "0 bytes, then the end of the file"}},
		"a file cut off in the header": {images, good[:10],
			FormatError{What: "header", Want: "16 bytes", Found: "10 bytes, then the end of the file"}},
		"a file cut off in an image": {images, good[:1000],
			FormatError{What: "size in the header", Want: "at most 1000 bytes, which is the most that the file can hold", Found: "1584 bytes (2 images)"}},
		"a header with more images than the file": {images, imageBytes(60000, 2*ImagePixels),
			FormatError{What: "size in the header", Want: "at most 1584 bytes, which is the most that the file can hold", Found: "47040016 bytes (60000 images)"}},
		"a header that would allocate terabytes": {images, imageBytes(0xffffffff, ImagePixels),
			FormatError{What: "size in the header", Want: "at most 800 bytes, which is the most that the file can hold", Found: "3367254359296 bytes (4294967295 images)"}},
		"trailing bytes": {images, append(bytes.Clone(good), 1, 2, 3),
			FormatError{What: "size", Want: "1584 bytes (a header of 16 and 2 images)", Found: "1587 bytes, so 3 bytes after the last image"}},
		"labels for images": {images, idxBytes(labelMagic, []uint32{60000}, make([]byte, 60000)),
			FormatError{What: "magic number", Want: "0x00000803 (an image file in the IDX format)", Found: "0x00000801 (this is a label file)"}},
		"a label file too short for the header of images": {images, goodLabels,
			FormatError{What: "magic number", Want: "0x00000803 (an image file in the IDX format)", Found: "0x00000801 (this is a label file)"}},
		"images for labels": {labels, good,
			FormatError{What: "magic number", Want: "0x00000801 (a label file in the IDX format)", Found: "0x00000803 (this is an image file)"}},
		"a web page": {images, []byte("<!DOCTYPE html><title>404</title>"),
			FormatError{What: "magic number", Want: "0x00000803 (an image file in the IDX format)", Found: `0x3c21444f (the text "<!DO": perhaps a saved web page)`}},
		"images of another size": {images, idxBytes(imageMagic, []uint32{1, 32, 32}, make([]byte, 1024)),
			FormatError{What: "size of an image", Want: "28×28 pixels", Found: "32×32"}},
		"a label that names no class": {labels, idxBytes(labelMagic, []uint32{3}, []byte{9, 10, 0}),
			FormatError{What: "label 1", Want: "0 to 9", Found: "10"}},
		"a compressed file cut off": {images, goodGzip[:len(goodGzip)-5],
			FormatError{What: "compressed data", Want: "a complete gzip file", Found: plural(int64(len(goodGzip)-5), "byte") + " that cannot be uncompressed (the file is cut off)"}},
		"a compressed file cut off at its start": {images, goodGzip[:5],
			FormatError{What: "compressed data", Want: "a complete gzip file", Found: "5 bytes that cannot be uncompressed (the file is cut off)"}},
		"a compressed file with a wrong checksum": {images, flipped,
			FormatError{What: "compressed data", Want: "a complete gzip file", Found: plural(int64(len(goodGzip)), "byte") + " that cannot be uncompressed (gzip: invalid checksum)"}},
		"a compressed file with bytes after its end": {images, append(bytes.Clone(goodGzip), "garbage after the end"...),
			FormatError{What: "compressed data", Want: "a complete gzip file", Found: plural(int64(len(goodGzip)+21), "byte") + " that cannot be uncompressed (other bytes follow the compressed data)"}},
		"compressed content that ends early": {images, compress(t, good[:1000]),
			FormatError{What: "size when uncompressed", Want: "1584 bytes (a header of 16 and 2 images)", Found: "1000 bytes, so the file is cut off"}},
		"compressed content with an additional byte": {images, compress(t, append(bytes.Clone(good), 0)),
			FormatError{What: "size when uncompressed", Want: "1584 bytes (a header of 16 and 2 images)", Found: "more bytes after the last image"}},
		"compressed labels for images": {images, compress(t, goodLabels),
			FormatError{What: "magic number", Want: "0x00000803 (an image file in the IDX format)", Found: "0x00000801 (this is a label file)"}},
		"a compressed header with more images than deflate can hold": {images, compress(t, imageBytes(0xffffffff, 10)),
			FormatError{What: "size in the header", Found: "3367254359296 bytes (4294967295 images)"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "the-file")
			testfiles.Write(t, path, test.content)
			err := test.read(path)
			var got *FormatError
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want a FormatError", err)
			}
			test.want.File = path
			if test.want.Want == "" {
				test.want.Want = got.Want
			}
			if *got != test.want {
				t.Errorf("got\n%+v\nwant\n%+v", *got, test.want)
			}
			for _, part := range []string{path, got.Found, got.Want} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

// A sparse file can be as large as its header announces. The limit must prevent the
// allocation of so much memory.
func TestIDXRejectsGigabytesBeforeAllocatingThem(t *testing.T) {
	const count = 3_000_000 // 2.35 GB
	path := filepath.Join(t.TempDir(), "huge")
	testfiles.Write(t, path, imageBytes(count, 0))
	if err := os.Truncate(path, 16+count*ImagePixels); err != nil {
		t.Skipf("this file system cannot hold a sparse file: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readImages(path)
	runtime.ReadMemStats(&after)
	var format *FormatError
	if !errors.As(err, &format) || format.What != "size in the header" || format.Want != "at most 268435456 bytes" {
		t.Errorf("error %v, want one about the size in the header", err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("allocated %d bytes, want less than a megabyte", allocated)
	}
}

// A small compressed file can have as much content as its header announces. The reader must
// stop at the limit.
func TestIDXCompressedPromiseWithinTheRatioAllocatesOnlyWhatArrives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "promise")
	// 300 KB of incompressible bytes could be 300 MB, so the ratio alone does not
	// reject a header with 100,000 images.
	noise := make([]byte, 300_000)
	source := random.New(1, 0, 0)
	for i := range noise {
		noise[i] = byte(source.Below(256))
	}
	testfiles.Write(t, path, compress(t, idxBytes(imageMagic, []uint32{100_000, ImageHeight, ImageWidth}, noise)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readImages(path)
	runtime.ReadMemStats(&after)
	var format *FormatError
	if !errors.As(err, &format) || format.Found != "300016 bytes, so the file is cut off" {
		t.Errorf("error %v, want one that says that 300016 bytes are too few", err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8<<20 {
		t.Errorf("allocated %d bytes for 300 KB of content", allocated)
	}
}

func TestIDXRejectsPathsThatAreNoFiles(t *testing.T) {
	dir := t.TempDir()
	var kind *regularfile.KindError
	if _, err := readImages(dir); !errors.As(err, &kind) {
		t.Errorf("a folder: error %v, want a KindError", err)
	}
	if _, err := readImages(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent file: error %v, want os.ErrNotExist", err)
	}
}
