package fashion

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFileAtomically replaces a file so that at every moment either the old
// or the new content is there, whole: it writes beside it, forces the data to
// the disk and renames.
func writeFileAtomically(path string, data []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = temporary.Close()           // a second Close does no harm
			_ = os.Remove(temporary.Name()) // the first error is the one to report
		}
	}()
	if _, err = temporary.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = temporary.Chmod(0o644); err != nil {
		return err
	}
	if err = temporary.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = temporary.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	// The new name must reach the disk too. Not every system can sync a
	// directory; where it cannot, the rename alone has to do.
	if dir, openErr := os.Open(filepath.Dir(path)); openErr == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
