package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

// files are the copy's files by their paths.
func (r *reach) files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, p := range r.packages {
		for _, file := range p.Syntax {
			text, err := r.file(p, file)
			if err != nil {
				return nil, err
			}
			if text == nil {
				continue
			}
			name, err := inModule(p, p.Fset.Position(file.Package).Filename)
			if err != nil {
				return nil, err
			}
			out[name] = text
			if err := r.embedded(p, file, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// embedded adds the files that a file's variables embed.
func (r *reach) embedded(p *packages.Package, file *ast.File, out map[string][]byte) error {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Doc == nil || g.Tok != token.VAR || !r.named[keyOf(p.TypesInfo.Defs[g.Specs[0].(*ast.ValueSpec).Names[0]])] {
			continue
		}
		for _, line := range g.Doc.List {
			pattern, found := strings.CutPrefix(line.Text, "//go:embed ")
			if !found {
				continue
			}
			names, err := filepath.Glob(filepath.Join(filepath.Dir(p.GoFiles[0]), strings.TrimSpace(pattern)))
			if err != nil {
				return err
			}
			for _, name := range names {
				text, err := os.ReadFile(name)
				if err != nil {
					return err
				}
				path, err := inModule(p, name)
				if err != nil {
					return err
				}
				out[path] = text
			}
		}
	}
	return nil
}

// file is what of a file is in the copy, nil for nothing.
func (r *reach) file(p *packages.Package, file *ast.File) ([]byte, error) {
	var body bytes.Buffer
	imported := map[string]bool{} // paths that something in the copy uses
	emit := func(node ast.Node) error {
		ast.Inspect(node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if name, ok := p.TypesInfo.Uses[id].(*types.PkgName); ok {
					imported[name.Imported().Path()] = true
				} else if o := p.TypesInfo.Uses[id]; o != nil && o.Pkg() != nil && o.Pkg() != p.Types && o.Parent() == o.Pkg().Scope() {
					path := o.Pkg().Path()
					imported[path] = true // by an import with a dot, or qualified
					if r.foreign[path] == nil {
						r.foreign[path] = map[string]bool{}
					}
					r.foreign[path][o.Name()] = true
				}
			}
			return true
		})
		if err := format.Node(&body, p.Fset, node); err != nil {
			return err
		}
		body.WriteString("\n\n")
		return nil
	}
	for _, d := range file.Decls {
		var nodes []ast.Node
		switch d := d.(type) {
		case *ast.FuncDecl:
			nodes = r.function(p, d)
		case *ast.GenDecl:
			nodes = r.group(p, d)
		}
		for _, node := range nodes {
			if err := emit(node); err != nil {
				return nil, err
			}
		}
	}
	if body.Len() == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() < file.Package && strings.HasPrefix(c.Text, "//go:build") {
				out.WriteString(c.Text + "\n\n")
			}
		}
	}
	fmt.Fprintf(&out, "package %s\n\n", file.Name.Name)
	for _, i := range file.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, err
		}
		name := ""
		if i.Name != nil {
			name = i.Name.Name
		}
		if name == "_" && path != "embed" || name != "_" && !imported[path] {
			continue
		}
		fmt.Fprintf(&out, "import %s %s\n", name, i.Path.Value)
	}
	out.WriteString("\n")
	out.Write(body.Bytes())
	text, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("%s: what was made of it does not parse: %w", p.Fset.Position(file.Package).Filename, err)
	}
	return text, nil
}

// function is a function as it is in the copy.
func (r *reach) function(p *packages.Package, d *ast.FuncDecl) []ast.Node {
	key := fmt.Sprintf("%s.init#%d", p.PkgPath, d.Pos())
	if d.Recv != nil || d.Name.Name != "init" {
		key = keyOf(p.TypesInfo.Defs[d.Name])
	}
	switch {
	case !r.named[key]:
		return nil
	case r.whole[key]:
		return []ast.Node{d}
	}
	copied, kind := *d, *d.Type
	copied.Doc, copied.Type = nil, &kind
	copied.Body = &ast.BlockStmt{Lbrace: d.Type.End(), Rbrace: d.Type.End()}
	if kind.Results != nil {
		// Results without names get some, so that a bare return will do.
		results := *kind.Results
		results.List = slices.Clone(results.List)
		for i, field := range results.List {
			if len(field.Names) == 0 {
				named := *field
				named.Names = []*ast.Ident{{Name: "_", NamePos: field.Pos()}}
				results.List[i] = &named
			}
		}
		kind.Results = &results
		copied.Body.List = []ast.Stmt{&ast.ReturnStmt{Return: d.Type.End()}}
	}
	return []ast.Node{&copied}
}

// group is what of a declaration in brackets is in the copy.
func (r *reach) group(p *packages.Package, d *ast.GenDecl) []ast.Node {
	if d.Tok == token.IMPORT {
		return nil
	}
	var nodes []ast.Node
	for i, spec := range d.Specs {
		var names []*ast.Ident
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names = []*ast.Ident{spec.Name}
		case *ast.ValueSpec:
			names = spec.Names
		}
		if !slices.ContainsFunc(names, func(n *ast.Ident) bool { return r.named[keyOf(p.TypesInfo.Defs[n])] }) {
			continue
		}
		if d.Tok == token.CONST {
			return []ast.Node{d}
		}
		if t, ok := spec.(*ast.TypeSpec); ok {
			spec = r.fields(p, t)
		}
		one := &ast.GenDecl{TokPos: spec.Pos(), Tok: d.Tok, Specs: []ast.Spec{spec}}
		if i == 0 {
			one.Doc = d.Doc
		}
		nodes = append(nodes, one)
	}
	return nodes
}

// fields is a type without the fields that nothing in the copy uses.
func (r *reach) fields(p *packages.Package, t *ast.TypeSpec) *ast.TypeSpec {
	kind, ok := t.Type.(*ast.StructType)
	if !ok {
		return t
	}
	list := *kind.Fields
	list.List = nil
	for _, field := range kind.Fields.List {
		kept := *field
		kept.Doc, kept.Comment = nil, nil
		kept.Names = slices.DeleteFunc(slices.Clone(field.Names), func(n *ast.Ident) bool { return !r.used[p.TypesInfo.Defs[n]] })
		if field.Names == nil || len(kept.Names) > 0 {
			list.List = append(list.List, &kept)
		}
	}
	copied := *t
	copied.Doc, copied.Comment = nil, nil
	copied.Type = &ast.StructType{Struct: kind.Struct, Fields: &list}
	return &copied
}

// outside makes packages in the place of those of other modules that declarations name and nothing
// uses: the types that are named, without anything in them.
func (r *reach) outside() (map[string][]byte, map[string]string, error) {
	files, places := map[string][]byte{}, map[string]string{}
	for path, names := range r.foreign {
		p := r.outer[path]
		if r.bodies[path] || p == nil || p.Module == nil {
			continue
		}
		text := "package " + p.Name + "\n"
		for _, name := range slices.Sorted(maps.Keys(names)) {
			text += "\ntype " + name + " struct{}\n"
		}
		place := "outside/" + p.Module.Path
		places[p.Module.Path] = place
		files[place+"/go.mod"] = []byte("module " + p.Module.Path + "\n\ngo 1.24\n")
		files[place+strings.TrimPrefix(path, p.Module.Path)+"/types.go"] = []byte(text)
	}
	for path := range r.bodies {
		if p := r.outer[path]; p != nil && p.Module != nil && places[p.Module.Path] != "" {
			return nil, nil, fmt.Errorf("a part of the module %s is used (%s), and another is named only, which this program cannot divide", p.Module.Path, path)
		}
	}
	return files, places, nil
}
