// Package userpath expands a leading "~" in paths that no shell has expanded:
// dash leaves -run=~/x as it is, and Docker Compose and program code do so always.
package userpath

import (
	"fmt"
	"os"
	"strings"
)

// Expand returns path with a leading "~", alone or before a slash, replaced by the
// user's home folder. Every other path is returned as it is, except "~name": it is an
// error, since whoever writes it means another user's home folder, which is not looked
// up, and would get a folder called "~name".
func Expand(path string) (string, error) {
	rest, found := strings.CutPrefix(path, "~")
	if !found {
		return path, nil
	}
	if rest != "" && !os.IsPathSeparator(rest[0]) {
		return "", fmt.Errorf("%s: the home folder of another user is not looked up; write the whole path, or ./%s for a file or folder of that name", path, path)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%s: the home folder is not known (%w); write the whole path", path, err)
	}
	return home + rest, nil
}
