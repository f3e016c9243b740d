// Package atomicfile writes files atomically: a reader always finds either the whole old or
// the whole new content, even after a crash.
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

// Write writes content to the file at path. Like cp, it follows links, keeps the mode of an
// existing file, gives a new file the mode that the umask allows, needs permission to write
// the existing file, and writes into devices and pipes. A regular file is replaced
// atomically: at any time, and after any error, it has the whole old or the whole new
// content.
//
// A link whose target does not exist makes a new file, as in open(2). Other hard links to
// the file keep the old content.
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
		return fmt.Errorf("write %s: it is a folder, want a file; name a file in it", path)
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

// adviceFor returns what to do about an error of the system, or "".
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

// maxLinks is the largest number of links that Linux follows (path_resolution(7)).
const maxLinks = 40

// openFolder matches the folders that list the open files of a process.
var openFolder = regexp.MustCompile(`^/(proc/[^/]+/fd|dev/fd)$`)

// followLinks returns the path of the file after all links. direct is true if a process has
// the file open (/dev/stdout, /dev/fd/63): a replaced file would not reach the process.
func followLinks(path string) (target string, direct bool, err error) {
	for range maxLinks {
		if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil && openFolder.MatchString(folder) {
			return path, true, nil
		}
		link, err := os.Readlink(path)
		if err != nil {
			return path, false, nil // not a link, or a new file
		}
		if !filepath.IsAbs(link) {
			// The path is not cleaned, since ".." after a link is not the folder before it.
			link = filepath.Dir(path) + string(filepath.Separator) + link
		}
		path = link
	}
	return "", false, syscall.ELOOP
}

// writeDirectly writes into a file that cannot be replaced.
func writeDirectly(path string, content []byte) error {
	// Without O_NONBLOCK, opening a pipe without a reader would never return.
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

// replaceFile writes a temporary file next to path, syncs it to the disk and renames it. old
// describes the existing file, or is nil.
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
			_ = os.Remove(file.Name()) // the first error is the one that is reported
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
	// The folder is synced, too, so that the new name is on the disk. Not every system
	// supports that, so errors are ignored.
	if folder, openErr := os.Open(filepath.Dir(path)); openErr == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
	return nil
}

// Temporary files have the name ".NAME-NUMBER.tmp", where NAME is the name of the final file.
const temporarySuffix = ".tmp"

var temporaryName = regexp.MustCompile(`^\.(.+)-[0-9]+\` + temporarySuffix + `$`)

// CreateTemporary makes a temporary file for path in the same folder. [RemoveLeftovers]
// removes the files of killed processes.
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

// RemoveLeftovers removes temporary files that killed processes left in dir. It removes only
// files that are at least as old as age, and for whose final name belongs returns true.
func RemoveLeftovers(dir string, age time.Duration, belongs func(name string) bool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // leftovers do no harm
	}
	for _, entry := range entries {
		match := temporaryName.FindStringSubmatch(entry.Name())
		if match == nil || !belongs(match[1]) {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) >= age {
			_ = os.Remove(filepath.Join(dir, entry.Name())) // leftovers do no harm
		}
	}
}
