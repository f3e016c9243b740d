package gocell

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
)

// defaultName finds the name that GoNB gives to an import without one
// (internal/goexec/goexec.go).
var defaultName = regexp.MustCompile(`^.*?(\w[\w0-9_]*)\s*$`)

// declared returns what the kernel keeps of a file, under the names by which a
// later cell replaces it, as in func F, func T~M, var x, const c, type T and
// import fmt (internal/goexec/parser.go). A later declaration replaces an
// earlier one in a file too. Nothing replaces variables called _.
func declared(f *ast.File, text string) map[string]string {
	of := func(node ast.Node) string { return text[offset(node.Pos()):min(offset(node.End()), len(text))] }
	kept := map[string]string{}
	for _, spec := range f.Imports {
		kept["import "+importName(spec)] = written(spec)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if !isFuncMain(d) {
				kept["func "+functionName(d, of)] = of(d)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					kept["type "+spec.Name.Name] = of(spec)
				case *ast.ValueSpec:
					for i, name := range spec.Names {
						if d.Tok == token.CONST { // its value may depend on those before it
							kept["const "+name.Name] = of(d)
						} else if name.Name != "_" {
							kept["var "+name.Name] = variable(spec, i, of)
						}
					}
				}
			}
		}
	}
	return kept
}

func offset(p token.Pos) int { return int(p) - 1 }

func isFuncMain(f *ast.FuncDecl) bool {
	return f.Name.Name == "main" && (f.Recv == nil || len(f.Recv.List) == 0)
}

func functionName(f *ast.FuncDecl, of func(ast.Node) string) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := "unknown" // that of a generic type
	switch t := f.Recv.List[0].Type.(type) {
	case *ast.Ident:
		receiver = t.Name
	case *ast.StarExpr:
		receiver = of(t.X)
	}
	return receiver + "~" + f.Name.Name
}

// variable returns a variable's declaration without the others beside it.
func variable(spec *ast.ValueSpec, i int, of func(ast.Node) string) string {
	text := spec.Names[i].Name
	if spec.Type != nil {
		text += " " + of(spec.Type)
	}
	if len(spec.Values) > i {
		text += " = " + of(spec.Values[i])
	} else if len(spec.Values) == 1 { // one of the values of a call
		text += " of " + of(spec)
	}
	return text
}

func importName(spec *ast.ImportSpec) string {
	path := strings.Trim(spec.Path.Value, "\"`")
	if spec.Name == nil {
		if m := defaultName.FindStringSubmatch(path); m != nil {
			return m[1]
		}
		return path
	}
	if spec.Name.Name == "." {
		return ".~" + path
	}
	return spec.Name.Name
}

// written returns an import as it is written, in quotes.
func written(spec *ast.ImportSpec) string {
	path := spec.Path.Value
	if strings.HasPrefix(path, "`") {
		path = `"` + strings.Trim(path, "`") + `"`
	}
	if spec.Name != nil {
		return spec.Name.Name + " " + path
	}
	return path
}
