package fashion

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gofrs/flock"
)

// errLocked says that another process holds a lock.
var errLocked = errors.New("another process holds the lock")

// errNoLocks says that the file system knows no locks, as some that are mounted from
// other machines do not.
var errNoLocks = errors.New("this file system has no locks")

// lockFile asks the system for a lock. Tests put file systems without locks here.
var lockFile = (*flock.Flock).TryLock

// tryLock takes the lock on path, which the system releases when the process ends in
// whatever way. The error is errLocked, errNoLocks (wrapped), or that of opening path.
func tryLock(path string) (unlock func(), err error) {
	lock := flock.New(path, flock.SetPermissions(0o666)) // less the umask
	locked, err := lockFile(lock)
	switch {
	case errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOLCK):
		_ = lock.Close() // it was only read
		return nil, fmt.Errorf("%w (%w)", errNoLocks, err)
	case err != nil:
		return nil, err
	case !locked:
		_ = lock.Close() // it was only read
		return nil, errLocked
	}
	return func() { _ = lock.Unlock() }, nil // the lock ends with the process anyway
}
