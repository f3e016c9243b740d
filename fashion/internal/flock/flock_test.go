package flock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gofrs/flock"
)

func TestALockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := TryLock(path)
	if errors.Is(err, ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryLock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: error %v, want ErrLocked", err)
	}
	unlock()
	unlock, err = TryLock(path)
	if err != nil {
		t.Fatalf("after the first lock ended: %v", err)
	}
	unlock()
}

func TestALockInNoFolderIsTheErrorOfOpeningIt(t *testing.T) {
	if _, err := TryLock(filepath.Join(t.TempDir(), "missing", "lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

func TestAFileSystemWithoutLocksIsDistinguishedFromErrors(t *testing.T) {
	original := try
	t.Cleanup(func() { try = original })
	for _, test := range []struct {
		reason      syscall.Errno
		unsupported bool
	}{
		{syscall.ENOSYS, true}, {syscall.EOPNOTSUPP, true}, {syscall.ENOTSUP, true}, {syscall.ENOLCK, true},
		{syscall.EIO, false}, {syscall.EACCES, false},
	} {
		try = func(*flock.Flock) (bool, error) {
			return false, &os.PathError{Op: "flock", Path: "lock", Err: test.reason}
		}
		_, err := TryLock(filepath.Join(t.TempDir(), "lock"))
		if errors.Is(err, ErrUnsupported) != test.unsupported || !errors.Is(err, test.reason) {
			t.Errorf("%v: error %v, want ErrUnsupported: %v", test.reason, err, test.unsupported)
		}
	}
}
