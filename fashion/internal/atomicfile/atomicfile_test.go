//go:build unix

package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fashionlab/fashion/internal/testfiles"
)

// onlyNames fails unless a folder contains exactly these names.
func onlyNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if strings.Join(names, ", ") != strings.Join(want, ", ") {
		t.Errorf("%s holds %q, want %q", dir, names, want)
	}
}

func TestAWrittenFileHasTheModeThatCpGivesIt(t *testing.T) {
	for _, test := range []struct{ umask, old, want fs.FileMode }{
		{0o022, 0, 0o644}, {0o077, 0, 0o600}, {0o002, 0, 0o664}, {0, 0, 0o666},
		{0o022, 0o600, 0o600}, {0o077, 0o644, 0o644}, {0o077, 0o666, 0o666}, {0o022, 0o755, 0o755}, {0o022, 0o640, 0o640},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if test.old != 0 {
			testfiles.Write(t, path, []byte("old"))
			if err := os.Chmod(path, test.old); err != nil {
				t.Fatal(err)
			}
		}
		was := syscall.Umask(int(test.umask))
		err := Write(path, []byte("new"))
		syscall.Umask(was)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode() != test.want {
			t.Errorf("umask %03o, old mode %o: mode %o, want %o (%v)", test.umask, test.old, info.Mode(), test.want, err)
		}
		if string(testfiles.Read(t, path)) != "new" {
			t.Errorf("it holds %q", testfiles.Read(t, path))
		}
	}
}

func TestWritingGoesThroughLinksToWhatTheyName(t *testing.T) {
	for what, link := range map[string]func(dir string) (path, target string){
		"absolute": func(dir string) (string, string) {
			_ = os.Symlink(filepath.Join(dir, "b", "target"), filepath.Join(dir, "a", "link"))
			return filepath.Join(dir, "a", "link"), filepath.Join(dir, "b", "target")
		},
		"relative": func(dir string) (string, string) {
			_ = os.Symlink("../b/target", filepath.Join(dir, "a", "link"))
			return filepath.Join(dir, "a", "link"), filepath.Join(dir, "b", "target")
		},
		"a link to a link": func(dir string) (string, string) {
			_ = os.Symlink("../b/second", filepath.Join(dir, "a", "link"))
			_ = os.Symlink("target", filepath.Join(dir, "b", "second"))
			return filepath.Join(dir, "a", "link"), filepath.Join(dir, "b", "target")
		},
		"in a folder that is a link": func(dir string) (string, string) {
			_ = os.Symlink("../b/deep", filepath.Join(dir, "a", "folder"))
			_ = os.Symlink("../target", filepath.Join(dir, "b", "deep", "link"))
			return filepath.Join(dir, "a", "folder", "link"), filepath.Join(dir, "b", "target")
		},
	} {
		for _, there := range []bool{true, false} {
			dir := t.TempDir()
			for _, folder := range []string{"a", filepath.Join("b", "deep")} {
				if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			path, target := link(dir)
			if there {
				testfiles.Write(t, target, []byte("old"))
			}
			if err := Write(path, []byte("new")); err != nil {
				t.Errorf("%s, target there %v: %v", what, there, err)
				continue
			}
			if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
				t.Errorf("%s: the link was replaced", what)
			}
			if info, err := os.Lstat(target); err != nil || !info.Mode().IsRegular() || string(testfiles.Read(t, target)) != "new" {
				t.Errorf("%s, target there %v: the target was not written", what, there)
			}
		}
	}
}

func TestWritingIntoDevicesAndPipesLeavesThemAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "null")
	if err := os.Symlink("/dev/null", link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/dev/null", link} {
		if err := Write(path, []byte("new")); err != nil {
			t.Error(err)
		}
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		t.Fatal("/dev/null is no device any more")
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link to /dev/null was replaced")
	}
	if _, err := os.Stat("/dev/full"); err == nil {
		err := Write("/dev/full", []byte("new"))
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room") {
			t.Errorf("/dev/full: error %v", err)
		}
	}

	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if err := Write(pipe, []byte("new")); err == nil || !strings.Contains(err.Error(), "start the reader first") {
		t.Errorf("a pipe that nobody reads: error %v", err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDWR|syscall.O_NONBLOCK, 0) // for writing too, so that it waits
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	content := bytes.Repeat([]byte("x"), 1<<20) // more than a pipe holds
	written := make(chan error, 1)
	go func() { written <- Write(pipe, content) }()
	got := make([]byte, len(content))
	if _, err := io.ReadFull(reader, got); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the pipe's reader got something else (%v)", err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
	onlyNames(t, dir, "null", "pipe")
}

func TestWritingToAnOpenFileOfTheSystemReachesItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	name := filepath.Join("/dev/fd", strconv.Itoa(int(file.Fd())))
	if _, err := os.Stat(name); err != nil {
		t.Skip(err)
	}
	if err := Write(name, []byte("new")); err != nil {
		t.Fatal(err)
	}
	before, _ := file.Stat()
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) || string(testfiles.Read(t, path)) != "new" {
		t.Errorf("the open file was replaced or not written (%v)", err)
	}
}

func TestAFailedWriteIsExplainedAndKeepsTheOldContent(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a file")
	testfiles.Write(t, file, []byte("old"))
	circle := filepath.Join(dir, "circle")
	if err := os.Symlink("circle", circle); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("folder", filepath.Join(dir, "to folder")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("missing/file", filepath.Join(dir, "to nothing")); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{
		"folder":          "it is a folder, want a file; name a file in it",
		"to folder":       "it is a folder",
		"missing/file":    "make its folder first",
		"to nothing":      "make its folder first",
		"a file/below it": "not a directory",
		"circle":          "too many levels",
	} {
		path := filepath.Join(dir, name)
		err := Write(path, []byte("new"))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that says %q", name, err, says)
		}
		if err != nil && strings.Contains(err.Error(), temporarySuffix) {
			t.Errorf("%s: %v names the temporary file", name, err)
		}
	}
	if string(testfiles.Read(t, file)) != "old" {
		t.Error("the old content is gone")
	}
	onlyNames(t, dir, "a file", "circle", "folder", "to folder", "to nothing")

	if os.Geteuid() == 0 {
		t.Log("root may write everywhere: the rest is not tried")
		return
	}
	locked := filepath.Join(dir, "folder", "file")
	testfiles.Write(t, locked, []byte("old"))
	if err := os.Chmod(locked, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := Write(locked, []byte("new")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a file that must not be written: error %v", err)
	}
	if err := os.Chmod(locked, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(locked), 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(locked), 0o755) })
	for _, name := range []string{"file", "new file"} {
		if err := Write(filepath.Join(dir, "folder", name), []byte("new")); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s in a folder that must not be written: error %v", name, err)
		}
	}
	if string(testfiles.Read(t, locked)) != "old" {
		t.Error("the old content is gone")
	}
}

func TestNamesOfEveryLengthAndAlphabetCanBeWritten(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{strings.Repeat("n", 255), strings.Repeat("ж", 127), "Novák, Jan [1].safetensors", "-out", "a\nb", "~"} {
		path := filepath.Join(dir, name)
		for _, content := range []string{"first", "second"} {
			if err := Write(path, []byte(content)); err != nil {
				t.Fatal(err)
			}
			if got := string(testfiles.Read(t, path)); got != content {
				t.Errorf("%q holds %q", name, got)
			}
		}
	}
}

func TestOnlyTemporaryFilesOfThisProgramAreRemoved(t *testing.T) {
	dir := t.TempDir()
	ours := []string{".config.json-1.tmp", ".checkpoint.safetensors-4294967295.tmp"}
	theirs := []string{
		"thesis.tmp", ".tmp", ".thesis-1.tmp", "config.json.tmp", "config.json.1.tmp", ".config.json.tmp", ".config.json-.tmp",
		".config.json-12a.tmp", ".config.json-1.tmp.txt", "x.config.json-1.tmp", ".my config.json-1.tmp", ".CONFIG.JSON-1.tmp",
	}
	for _, name := range append(ours, theirs...) {
		testfiles.Write(t, filepath.Join(dir, name), []byte("x"))
	}
	belongs := func(name string) bool { return name == "config.json" || name == "checkpoint.safetensors" }
	RemoveLeftovers(dir, time.Hour, belongs)
	for _, name := range append(ours, theirs...) {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("younger than an hour: %v", err)
		}
	}
	RemoveLeftovers(dir, 0, belongs)
	for _, name := range theirs {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("somebody else's: %v", err)
		}
	}
	for _, name := range ours {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", name)
		}
	}
}
