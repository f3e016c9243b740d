package fashion

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestAProgramInAnotherFolderFindsTheDataOfTheRepositoryItWasCompiledFrom(t *testing.T) {
	t.Setenv("FASHION_MNIST_DIR", "")
	t.Setenv("FASHION_CACHE", t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	data, err := LoadContext(context.Background(), LoadOptions{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(filepath.Dir(here), "data", "fashion"); data.Dir != want {
		t.Errorf("loaded from %s, want %s", data.Dir, want)
	}
}
