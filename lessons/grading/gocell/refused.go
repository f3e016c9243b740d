package gocell

import (
	"go/ast"
	"regexp"
	"strconv"
	"strings"
)

// beyondGo are the imports with which a program gets at what Go's rules keep from it.
var beyondGo = map[string]string{
	"unsafe":      "gets at memory and at functions of other packages",
	"runtime/cgo": "leads out of Go",
	"C":           "leads out of Go",
	"plugin":      "loads programs",
}

// directive finds the comments that connect a declaration with one of another package, or of C.
var directive = regexp.MustCompile(`^//(go:linkname|go:cgo_\w+|export)\b`)

// refused says what of a file no exercise needs, and what would connect it with functions that are not its own.
func refused(tree *ast.File) string {
	for _, spec := range tree.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if what := beyondGo[path]; err == nil && what != "" {
			return "import " + strconv.Quote(path) + " is refused: it " + what + ", and no exercise needs it"
		}
	}
	for _, group := range tree.Comments {
		for _, comment := range group.List {
			if name := directive.FindString(comment.Text); name != "" {
				return strings.TrimPrefix(name, "//") + " is refused: it connects a program with functions that are not its own, and no exercise needs it"
			}
		}
	}
	return ""
}
