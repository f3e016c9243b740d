//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// keepOwner does nothing on systems whose files have no numeric owner.
func keepOwner(*os.File, fs.FileInfo) {}
