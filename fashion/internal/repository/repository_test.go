package fashion

import (
	"os"
	"path/filepath"
	"testing"
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
			writeFile(t, filepath.Join(root, "go.mod"), []byte(mod))
			// A folder of another module lies between.
			writeFile(t, filepath.Join(root, "lessons", "go.mod"), []byte("module fashionlab-of-mine\n"))
			for _, dir := range []string{root, inside} {
				if got := repositoryAbove(dir); got != root {
					t.Errorf("from %s the repository is %q, expected %q", dir, got, root)
				}
			}
			if got := repositoryAbove(filepath.Dir(root)); got == root {
				t.Errorf("found %q from the folder above it", got)
			}
		})
	}
}

func TestAProgramInAnotherFolderFindsTheDataOfTheRepositoryItWasCompiledFrom(t *testing.T) {
	t.Setenv("FASHION_MNIST_DIR", "")
	t.Setenv("FASHION_CACHE", t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	data, err := Load(Offline())
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(filepath.Dir(here), "data", "fashion"); data.Dir != want {
		t.Errorf("loaded from %s, expected %s", data.Dir, want)
	}
}
