// Package flock takes locks on files that end with the process which holds them.
package flock

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gofrs/flock"
)

// ErrLocked says that another process holds a lock.
var ErrLocked = errors.New("another process holds the lock")

// ErrUnsupported says that the file system knows no locks, as some that are mounted from
// other machines do not.
var ErrUnsupported = errors.New("this file system has no locks")

// try asks the system for a lock. Tests put file systems without locks here.
var try = (*flock.Flock).TryLock

// TryLock takes the lock on path, which the system releases when the process ends in
// whatever way. The error is ErrLocked, ErrUnsupported (wrapped), or that of opening path.
func TryLock(path string) (unlock func(), err error) {
	lock := flock.New(path, flock.SetPermissions(0o666)) // less the umask
	locked, err := try(lock)
	switch {
	case errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOLCK):
		_ = lock.Close() // it was only read
		return nil, fmt.Errorf("%w (%w)", ErrUnsupported, err)
	case err != nil:
		return nil, err
	case !locked:
		_ = lock.Close() // it was only read
		return nil, ErrLocked
	}
	return func() { _ = lock.Unlock() }, nil // the lock ends with the process anyway
}
