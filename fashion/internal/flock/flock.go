// Package flock locks files. The system releases a lock when the process that holds it ends.
package flock

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gofrs/flock"
)

// ErrLocked is the error if another process holds the lock.
var ErrLocked = errors.New("another process holds the lock")

// ErrUnsupported is the error if the file system does not support locks. Some network file
// systems do not.
var ErrUnsupported = errors.New("the file system does not support locks")

// try calls the system. Tests replace it to imitate file systems without locks.
var try = (*flock.Flock).TryLock

// TryLock locks the file at path, which it makes if necessary, without waiting. unlock
// releases the lock. The error is ErrLocked, wraps ErrUnsupported, or is that of opening path.
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
	return func() { _ = lock.Unlock() }, nil // the system releases the lock in any case
}
