// Package atomicfile writes files so that whoever reads one finds the whole old or the
// whole new content, whatever happens in between.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Write writes content to the place that path names. Like cp it goes through links
// to what they name, keeps the mode of a file that is there, gives a new one the mode
// that the umask leaves, needs the right to write the old file, and writes into a device
// or a pipe. A regular file is replaced at once: at every moment, and after any error,
// its name stands for the whole old or the whole new content.
//
// A link whose target is not there leads to a new file, as in open(2). Other hard links
// to a file keep the old content.
func Write(path string, content []byte) error {
	target, direct, err := followLinks(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	info, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !direct:
		err = replaceFile(target, content, nil)
	case err != nil:
	case info.IsDir():
		return fmt.Errorf("write %s: it is a folder; name a file in it", path)
	case info.Mode().IsRegular() && !direct:
		err = replaceFile(target, content, info)
	default:
		err = writeDirectly(target, content)
	}
	if err != nil {
		var place *fs.PathError // its path may be that of a temporary file
		if errors.As(err, &place) {
			err = place.Err
		}
		return fmt.Errorf("write %s: %w%s", path, err, adviceFor(err))
	}
	return nil
}

// adviceFor says what to do where the system's own words do not.
func adviceFor(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "; make its folder first"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "; name a place that you may write to"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "; make room, or name a place on another disk"
	}
	return ""
}

// maxLinks is how many links in a row Linux follows (path_resolution(7)).
const maxLinks = 40

// openFolder matches the folders in which the system shows a process its open files.
var openFolder = regexp.MustCompile(`^/(proc/[^/]+/fd|dev/fd)$`)

// followLinks returns the file that path names in the end. direct says that it is a file
// that a process has open (/dev/stdout, /dev/fd/63): replacing it would not reach the
// process.
func followLinks(path string) (target string, direct bool, err error) {
	for range maxLinks {
		if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil && openFolder.MatchString(folder) {
			return path, true, nil
		}
		link, err := os.Readlink(path)
		if err != nil {
			return path, false, nil // no link, or nothing is there yet
		}
		if !filepath.IsAbs(link) {
			// Not cleaned: ".." after a folder that is a link is not the folder before it.
			link = filepath.Dir(path) + string(filepath.Separator) + link
		}
		path = link
	}
	return "", false, syscall.ELOOP
}

// writeDirectly writes into what cannot be replaced.
func writeDirectly(path string, content []byte) error {
	// Without O_NONBLOCK a pipe that nobody reads would hold the program for ever.
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return errors.New("no program reads from this pipe; start the reader first")
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

// replaceFile writes beside path, forces the content to the disk and renames. old is the
// file that is there, or nil.
func replaceFile(path string, content []byte, old fs.FileInfo) (err error) {
	mode := fs.FileMode(0o666) // less the umask
	if old != nil {
		writable, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_ = writable.Close() // nothing was written
		mode = old.Mode().Perm()
	}
	file, err := CreateTemporary(path, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()           // a second Close does no harm
			_ = os.Remove(file.Name()) // the first error is the one to report
		}
	}()
	if _, err = file.Write(content); err != nil {
		return err
	}
	if old != nil {
		keepOwner(file, old)
		if err = file.Chmod(mode); err != nil {
			return err
		}
	}
	if err = file.Sync(); err != nil { // a rename may reach the disk before the content does
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	if err = os.Rename(file.Name(), path); err != nil {
		var link *os.LinkError // its text has the temporary name
		if errors.As(err, &link) {
			err = link.Err
		}
		return err
	}
	// The new name must reach the disk too. Not every system can sync a folder; where it
	// cannot, the rename alone has to do.
	if folder, openErr := os.Open(filepath.Dir(path)); openErr == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
}

// Temporary files are called ".NAME-NUMBER.tmp", where NAME is that of the file that they
// are to become.
const temporarySuffix = ".tmp"

var temporaryName = regexp.MustCompile(`^\.(.+)-[0-9]+\` + temporarySuffix + `$`)

// CreateTemporary makes a temporary file for path, in the same folder. What a killed
// process leaves of it is for [RemoveLeftovers].
func CreateTemporary(path string, mode fs.FileMode) (*os.File, error) {
	folder, name := filepath.Split(path)
	// File systems limit names to 255 bytes.
	name = strings.ToValidUTF8(name[:min(len(name), 200)], "")
	for {
		number := strconv.FormatUint(uint64(rand.Uint32()), 10)
		file, err := os.OpenFile(folder+"."+name+"-"+number+temporarySuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// RemoveLeftovers removes the temporary files, at least so old, that killed processes
// left in dir when they wrote files for which belongs is true.
func RemoveLeftovers(dir string, age time.Duration, belongs func(name string) bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // what is left does no harm
	}
	for _, entry := range entries {
		match := temporaryName.FindStringSubmatch(entry.Name())
		if match == nil || !belongs(match[1]) {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) >= age {
			_ = os.Remove(filepath.Join(dir, entry.Name())) // likewise
		}
	}
}
