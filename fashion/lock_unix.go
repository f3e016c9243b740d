//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package fashion

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock on path, which the system releases when the process
// ends in whatever way. busy says that another holder has it.
func tryLock(path string) (unlock func(), busy bool) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return func() {}, false
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		file.Close()
		return nil, true
	}
	return func() { file.Close() }, false
}
