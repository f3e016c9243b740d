// Package testfiles writes and reads files for tests, and fails the test if that does not
// work. Only tests import it.
package testfiles

import (
	"os"
	"path/filepath"
	"testing"
)

// WriteAll writes files into dir, and makes the folder if necessary. The map's keys are the
// names of the files.
func WriteAll(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		Write(t, filepath.Join(dir, name), content)
	}
}

// Write writes a file, and makes its folder if necessary.
func Write[Content string | []byte](t testing.TB, path string, content Content) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Read returns the content of a file.
func Read(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
