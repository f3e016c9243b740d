package dataset

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// The seeds are the files in testdata/fuzz. Inputs that the fuzzer finds belong there, too.

// wholeIDX fails unless what was read from a file is all of an IDX file of its kind.
func wholeIDX(t *testing.T, kind idxKind, content []byte) {
	t.Helper()
	elements := content[kind.header:]
	if len(elements)%kind.item != 0 {
		t.Errorf("returned %d bytes of %ss, no whole number of them", len(elements), kind.noun)
	}
	if kind == labelIDX && len(elements) > 0 && slices.Max(elements) > 9 {
		t.Error("returned a label that names no class")
	}
	if !bytes.Equal(content, idxFile(kind, elements)) {
		t.Errorf("the header % x does not say what the file holds", content[:kind.header])
	}
}

// For any bytes, plain or compressed, the file is refused or read completely.
func FuzzIDXFileIsRefusedOrReadWhole(f *testing.F) {
	path := filepath.Join(f.TempDir(), "file")
	f.Fuzz(func(t *testing.T, file []byte) {
		testfiles.Write(t, path, file)
		for _, kind := range []idxKind{imageIDX, labelIDX} {
			content, err := readIDX(path, kind, -1)
			if err != nil {
				continue
			}
			wholeIDX(t, kind, content)
			compressed := bytes.HasPrefix(file, []byte{0x1f, 0x8b})
			if !compressed && !bytes.Equal(content, file) {
				t.Error("a plain file was not read as it is")
			}
		}
	})
}

// The checksum detects most damage in compressed data, so the test compresses arbitrary
// content: in two members, followed by arbitrary bytes.
func FuzzCompressedIDXFileIsReadAsThePlainOne(f *testing.F) {
	dir := f.TempDir()
	plain, compressed := filepath.Join(dir, "plain"), filepath.Join(dir, "compressed")
	f.Fuzz(func(t *testing.T, content []byte, cut uint16, behind []byte) {
		at := min(int(cut), len(content))
		testfiles.Write(t, plain, content)
		testfiles.Write(t, compressed, append(append(compress(t, content[:at]), compress(t, content[at:])...), behind...))
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
			return // compressed itself
		}
		for _, kind := range []idxKind{imageIDX, labelIDX} {
			want, plainErr := readIDX(plain, kind, -1)
			got, err := readIDX(compressed, kind, -1)
			if err == nil {
				wholeIDX(t, kind, got)
			}
			filled := len(bytes.Trim(behind, "\x00")) == 0
			switch {
			case filled && (err == nil) != (plainErr == nil):
				t.Errorf("%ss: plain: error %v; compressed: error %v", kind.noun, plainErr, err)
			case filled && !bytes.Equal(got, want):
				t.Errorf("%ss: the compressed file was read as something else than the plain one", kind.noun)
			case !filled && !bytes.HasPrefix(behind, []byte{0x1f, 0x8b}) && err == nil:
				t.Errorf("%ss: took a file with %q behind its data", kind.noun, behind)
			}
		}
	})
}
