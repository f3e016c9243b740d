// Package regularfile opens files that are sure to be no pipe, device or folder: opening
// a pipe could wait for ever, and reading a device could go on for ever.
package regularfile

import (
	"fmt"
	"io/fs"
	"os"
)

// KindError says that what was to be opened is something else than a regular file.
type KindError struct {
	Path string
	Mode fs.FileMode
}

// Error names the path and what is there.
func (e *KindError) Error() string {
	return fmt.Sprintf("%s: kind of file: found %s, expected a regular file", e.Path, Kind(e.Mode))
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

// Kind is a mode's kind of file as a noun with its article.
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
