// Package regularfile opens regular files, and refuses pipes, devices and folders: opening a
// pipe may never return, and reading a device may never end.
package regularfile

import (
	"fmt"
	"io/fs"
	"os"
)

// KindError is the error for a path that is not a regular file.
type KindError struct {
	Path string
	Mode fs.FileMode
}

// Error returns the path and the kind of file.
func (e *KindError) Error() string {
	return fmt.Sprintf("%s: kind of file: %s, want a regular file", e.Path, Kind(e.Mode))
}

// Open opens a file and returns its size. Anything but a regular file, or a link to one,
// is a KindError.
func Open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &KindError{path, info.Mode()}
	}
	file, err := os.Open(path)
	return file, info.Size(), err
}

// Kind returns the kind of file as a noun with its article, such as "a folder".
func Kind(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "a file"
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe (FIFO)"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return mode.Type().String()
}
