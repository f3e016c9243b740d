package terminal

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestOnlyTerminalsAreTerminals(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for what, w := range map[string]io.Writer{"a file": file, "the null device": null, "a buffer": &bytes.Buffer{}, "nothing": nil} {
		if Is(w) || Width(w) != nil || Rewrites(w) {
			t.Errorf("%s was taken for a terminal", what)
		}
	}
}

func TestATerminalOfUnknownWidthHasEightyColumns(t *testing.T) {
	file, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0) // a new terminal, whose width nobody has set
	if err != nil {
		t.Skip(err)
	}
	defer file.Close()
	if !Is(file) || !Rewrites(file) {
		t.Skip("this system calls only the other end a terminal")
	}
	if width := Width(file)(); width != 80 {
		t.Errorf("width %d, want 80", width)
	}
}

type interactive bool

func (interactive) Write(p []byte) (int, error) { return len(p), nil }
func (i interactive) Interactive() bool         { return bool(i) }

func TestTheMethodInteractiveDecidesWhetherAWriterRewrites(t *testing.T) {
	if !Rewrites(interactive(true)) || Rewrites(interactive(false)) {
		t.Error("the method Interactive was not asked")
	}
}
