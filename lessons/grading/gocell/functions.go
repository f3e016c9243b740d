package gocell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
)

// Without returns a Go file's source without those functions that have a name
// of the kind, and their comments. removed has their names.
func Without(source string, kind *regexp.Regexp) (rest string, removed []string, err error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", nil, err
	}
	removed = []string{}
	end := 0
	for _, declared := range file.Decls {
		f, ok := declared.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !kind.MatchString(f.Name.Name) {
			continue
		}
		begin := f.Pos()
		if f.Doc != nil {
			begin = f.Doc.Pos()
		}
		rest += source[end:fset.Position(begin).Offset]
		end = fset.Position(f.End()).Offset
		removed = append(removed, f.Name.Name)
	}
	return rest + source[end:], removed, nil
}
