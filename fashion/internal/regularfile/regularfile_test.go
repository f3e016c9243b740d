//go:build unix

package regularfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestARegularFileIsOpenedAlsoThroughALink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	link := path + " link"
	if err := errors.Join(os.WriteFile(path, []byte("content"), 0o644), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		file, size, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		content, err := io.ReadAll(file)
		if size != 7 || string(content) != "content" || err != nil {
			t.Errorf("%s: %d bytes, %q, %v", name, size, content, err)
		}
	}
}

func TestPathsThatAreNoRegularFilesAreErrorsAtOnce(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	for path, kind := range map[string]string{dir: "a folder", pipe: "a pipe (FIFO)", os.DevNull: "a device"} {
		done := make(chan error, 1)
		go func() {
			_, _, err := Open(path)
			done <- err
		}()
		select {
		case err := <-done:
			var wrong *KindError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), path+": kind of file: "+kind) {
				t.Errorf("%s: error %v, want one that calls it %s", path, err, kind)
			}
		case <-time.After(time.Minute): // far longer than it takes
			t.Fatalf("%s: still waiting", path)
		}
	}
	if _, _, err := Open(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: error %v", err)
	}
}
