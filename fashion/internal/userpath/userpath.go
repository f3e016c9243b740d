// Package userpath expands a leading "~" in paths that no shell has expanded. For example,
// dash does not expand -run=~/x, and Docker Compose never expands "~".
package userpath

import (
	"fmt"
	"os"
	"strings"
)

// Expand returns path with a leading "~", alone or before a slash, replaced by the user's
// home folder. It returns other paths unchanged. "~name" is an error: it means the home
// folder of another user, which Expand does not look up.
func Expand(path string) (string, error) {
	rest, found := strings.CutPrefix(path, "~")
	if !found {
		return path, nil
	}
	if rest != "" && !os.IsPathSeparator(rest[0]) {
		return "", fmt.Errorf("%s: the home folder of another user is not supported; write the whole path, or ./%s for a file or folder of that name", path, path)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%s: the home folder is unknown (%w); write the whole path", path, err)
	}
	return home + rest, nil
}
