package fashion

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fashionlab/fashion/internal/flock"
)

// withoutLocks imitates a file system whose locks give this error.
func withoutLocks(t *testing.T, err error) {
	t.Helper()
	original := tryLock
	tryLock = func(string) (func(), error) { return nil, err }
	t.Cleanup(func() { tryLock = original })
}

// errNoLocks is the error of a file system without locks.
var errNoLocks = fmt.Errorf("%w (%w)", flock.ErrUnsupported, syscall.ENOSYS)

func TestTrainingContinuesIfTheFileSystemHasNoLocks(t *testing.T) {
	useBackend(t, "go")
	withoutLocks(t, errNoLocks)
	train, _, _ := smallTask(t)
	dir := filepath.Join(t.TempDir(), "run")
	var output bytes.Buffer
	if _, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 1, Steps: 2, Run: dir, Output: &output}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(output.String(), "the file system does not support locks"); n != 1 {
		t.Errorf("%d lines of warning, want 1, in %q", n, output.String())
	}
	run, err := OpenRun(dir)
	if err != nil || run.Steps() != 2 {
		t.Errorf("the run was not kept: %v", err)
	}
	if _, err := initialised(t, SoftmaxRegression()).SaveRun(filepath.Join(t.TempDir(), "saved"), nil); err != nil {
		t.Errorf("import: %v", err)
	}
}

func TestOtherErrorsOfLocksEndATraining(t *testing.T) {
	useBackend(t, "go")
	withoutLocks(t, syscall.EIO)
	train, _, _ := smallTask(t)
	_, err := initialised(t, SoftmaxRegression()).Fit(train, Training{Epochs: 1, Steps: 1, Run: filepath.Join(t.TempDir(), "run")})
	if !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
}
