package dataset

import (
	"context"
	"path/filepath"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// The sizes and checksums in the table, each computed here from the files.
func TestOfficialTableDescribesTheRealFiles(t *testing.T) {
	repository := filepath.Join("..", "..", "..", "data", "fashion")
	found, err := Load(context.Background(), Search{Dir: repository, CacheDir: t.TempDir(), Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range fashionMNIST {
		raw := idxFile(f.kind, found.Files[i].Elements)
		if int64(len(raw)) != f.rawBytes() || hexMD5(raw) != f.rawMD5 || hexSHA256(raw) != f.rawSHA256 {
			t.Errorf("%s written again: %d bytes, MD5 %s, SHA-256 %s, want %d, %s, %s",
				f.name, len(raw), hexMD5(raw), hexSHA256(raw), f.rawBytes(), f.rawMD5, f.rawSHA256)
		}
		if source := found.Files[i].Path; filepath.Ext(source) == ".gz" {
			if gz := testfiles.Read(t, source); int64(len(gz)) != f.gzBytes || hexMD5(gz) != f.gzMD5 {
				t.Errorf("%s: %d bytes, MD5 %s, want %d, %s", source, len(gz), hexMD5(gz), f.gzBytes, f.gzMD5)
			}
		}
	}
}
