package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

const module = "fashionlab"

// A declared is a declaration at the top level: a function, a method, a type, or those
// variables or constants that are declared together.
type declared struct {
	pkg  *packages.Package
	file *ast.File
	node ast.Node // *ast.FuncDecl, *ast.TypeSpec, *ast.ValueSpec, or *ast.GenDecl of constants
}

// sources are the packages of this module, and their declarations by keys such as
// "fashionlab/fashion.Model.Name".
type sources struct {
	packages map[string]*packages.Package
	byKey    map[string]declared
	// methods are the keys of a type's methods, by the type's.
	methods map[string][]string
	order   []string                     // of the keys, as in the files
	outer   map[string]*packages.Package // those of other modules, by their paths
}

// load reads the packages that cells may import, and those of this module that they need.
func load() (*sources, error) {
	config := &packages.Config{Mode: packages.LoadSyntax | packages.NeedModule}
	listed, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedModule}, offered...)
	if err != nil {
		return nil, err
	}
	var names []string
	outer := map[string]*packages.Package{}
	packages.Visit(listed, func(p *packages.Package) bool {
		if isOurs(p.PkgPath) {
			names = append(names, p.PkgPath)
			for path, imported := range p.Imports {
				if !isOurs(path) {
					outer[path] = imported
				}
			}
		}
		return isOurs(p.PkgPath)
	}, nil)
	found, err := packages.Load(config, names...)
	if err != nil {
		return nil, err
	}
	s := &sources{map[string]*packages.Package{}, map[string]declared{}, map[string][]string{}, nil, outer}
	for _, p := range found {
		for _, e := range p.Errors {
			return nil, fmt.Errorf("the package %s cannot be read: %w", p.PkgPath, e)
		}
		s.packages[p.PkgPath] = p
		for _, file := range p.Syntax {
			for _, d := range file.Decls {
				s.add(p, file, d)
			}
		}
	}
	return s, nil
}

func isOurs(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

func (s *sources) add(p *packages.Package, file *ast.File, d ast.Decl) {
	put := func(key string, node ast.Node) {
		s.byKey[key] = declared{p, file, node}
		s.order = append(s.order, key)
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		object := p.TypesInfo.Defs[d.Name]
		if object == nil || d.Recv == nil && (d.Name.Name == "init" || d.Name.Name == "_") {
			put(fmt.Sprintf("%s.init#%d", p.PkgPath, d.Pos()), d)
			return
		}
		key := keyOf(object)
		put(key, d)
		if d.Recv != nil {
			owner := key[:strings.LastIndex(key, ".")]
			s.methods[owner] = append(s.methods[owner], key)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				put(p.PkgPath+"."+spec.Name.Name, spec)
			case *ast.ValueSpec:
				// Constants of a group count on from each other, and keep together.
				var node ast.Node = spec
				if d.Tok.String() == "const" {
					node = d
				}
				for _, name := range spec.Names {
					put(p.PkgPath+"."+name.Name, node)
				}
			}
		}
	}
}

// keyOf is the key of a package's object: functions, methods, types, variables, constants at
// the top level; "" for others.
func keyOf(object types.Object) string {
	if object == nil || object.Pkg() == nil {
		return ""
	}
	if f, ok := object.(*types.Func); ok {
		f = f.Origin()
		if r := f.Signature().Recv(); r != nil {
			t := r.Type()
			if p, ok := t.(*types.Pointer); ok {
				t = p.Elem()
			}
			named, ok := t.(*types.Named)
			if !ok {
				return ""
			}
			return object.Pkg().Path() + "." + named.Obj().Name() + "." + f.Name()
		}
	}
	if object.Parent() != object.Pkg().Scope() {
		return ""
	}
	return object.Pkg().Path() + "." + object.Name()
}

// readWorks reads the list of what works: a line each, after # a remark.
func readWorks(path string) (map[string]bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	works := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			works[module+"/"+line] = true
		}
	}
	return works, nil
}

// inModule is a file's path in the module.
func inModule(p *packages.Package, name string) (string, error) {
	return filepath.Rel(p.Module.Dir, name)
}
