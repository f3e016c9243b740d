package repository

import (
	"os"
	"path/filepath"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

func TestTheRepositoryIsFoundFromAnyFolderInside(t *testing.T) {
	for name, mod := range map[string]string{
		"plain":      "module fashionlab\n\ngo 1.27.0\n",
		"windows":    "module fashionlab\r\n\r\ngo 1.27.0\r\n",
		"a comment":  "// The course.\nmodule fashionlab // a copy\n",
		"quoted":     "module \"fashionlab\"\n",
		"odd folder": "module fashionlab\n",
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "Novák, Jan [1] 数据")
			inside := filepath.Join(root, "lessons", "mine")
			if err := os.MkdirAll(inside, 0o755); err != nil {
				t.Fatal(err)
			}
			testfiles.Write(t, filepath.Join(root, "go.mod"), mod)
			// There is a folder of another module in between.
			testfiles.Write(t, filepath.Join(root, "lessons", "go.mod"), "module fashionlab-of-mine\n")
			for _, dir := range []string{root, inside} {
				if got := repositoryAbove(dir); got != root {
					t.Errorf("from %s the repository is %q, want %q", dir, got, root)
				}
			}
			if got := repositoryAbove(filepath.Dir(root)); got == root {
				t.Errorf("found %q from the folder above it", got)
			}
		})
	}
}
