// Command reference writes the reference of the library as Markdown for the site: a
// page for each package, with its doc comments, declarations and examples.
//
//	reference OUTPUT FOLDER…
//
// A FOLDER holds a package, and is relative to the module's folder, which is the
// current one. Its page is OUTPUT/FOLDER.md. What a package exports has a label that is
// unique in the site, such as fashion.Model.Init. A function's page shows the picture that
// its test expects, if there is one: testdata/NAME_golden.png.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const module = "fashionlab/"

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: reference OUTPUT FOLDER…")
		os.Exit(2)
	}
	for _, folder := range os.Args[2:] {
		if err := write(os.Args[1], folder); err != nil {
			fmt.Fprintf(os.Stderr, "reference of %s: %v\n", folder, err)
			os.Exit(1)
		}
	}
}

// write writes the page of the package in folder.
func write(output, folder string) error {
	p, err := read(folder)
	if err != nil {
		return err
	}
	file := filepath.Join(output, filepath.FromSlash(folder)+".md")
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	page := p.page()
	if p.err != nil {
		return p.err
	}
	for _, picture := range p.pictures {
		content, err := os.ReadFile(filepath.Join(folder, "testdata", picture))
		if err != nil {
			return err
		}
		target := filepath.Join(output, filepath.FromSlash(folder), picture)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o666); err != nil {
			return err
		}
	}
	return os.WriteFile(file, page, 0o666)
}

// pkg is a package, and what its page consists of so far.
type pkg struct {
	*doc.Package
	folder   string
	files    *token.FileSet
	out      bytes.Buffer
	pictures []string // the files that the page shows
	err      error    // of the first declaration that cannot be printed
}

// read parses the files of a package, as they are built here, and those of its tests, which hold the examples.
func read(folder string) (*pkg, error) {
	described, err := build.ImportDir(folder, 0)
	if err != nil {
		return nil, err
	}
	p := &pkg{folder: folder, files: token.NewFileSet()}
	var parsed []*ast.File
	for _, names := range [][]string{described.GoFiles, described.CgoFiles, described.TestGoFiles, described.XTestGoFiles} {
		for _, name := range names {
			file, err := parser.ParseFile(p.files, filepath.Join(folder, name), nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			parsed = append(parsed, file)
		}
	}
	p.Package, err = doc.NewFromFiles(p.files, parsed, module+filepath.ToSlash(folder))
	return p, err
}

// page returns the page: MyST Markdown without MyST's extensions, since a $ in a comment is no formula.
func (p *pkg) page() []byte {
	p.line("---\nmyst:\n  enable_extensions: []\n---\n")
	p.heading(1, p.Name, "")
	p.line("```go\nimport %q\n```\n", p.ImportPath)
	p.text(p.Doc)
	p.examples(p.Examples)
	p.values(2, "Constants", p.Consts)
	p.values(2, "Variables", p.Vars)
	if len(p.Funcs) > 0 {
		p.line("## Functions\n")
		p.functions(p.Funcs)
	}
	if len(p.Types) > 0 {
		p.line("## Types\n")
	}
	for _, t := range p.Types {
		p.heading(3, t.Name, t.Name)
		p.declaration(t.Decl)
		p.text(t.Doc)
		p.examples(t.Examples)
		p.values(0, "", t.Consts)
		p.values(0, "", t.Vars)
		p.functions(t.Funcs)
		p.functions(t.Methods)
	}
	return p.out.Bytes()
}

func (p *pkg) line(text string, values ...any) {
	fmt.Fprintf(&p.out, text+"\n", values...)
}

// heading writes a heading with the label of a name, if there is one.
func (p *pkg) heading(level int, text, name string) {
	if name != "" {
		p.line("(%s)=", label(p.ImportPath, name))
	}
	p.line("%s %s\n", strings.Repeat("#", level), text)
}

// label returns the label of what a package exports, which is unique in the site.
func label(importPath, name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(importPath, module), "/", ".") + "." + name
}

// text writes a doc comment.
func (p *pkg) text(comments string) {
	printer := p.Printer()
	printer.HeadingLevel = 4
	printer.HeadingID = func(*comment.Heading) string { return "" }
	printer.DocLinkURL = func(link *comment.DocLink) string {
		importPath := link.ImportPath
		if importPath == "" {
			importPath = p.ImportPath
		}
		if !strings.HasPrefix(importPath, module) {
			return link.DefaultURL("https://pkg.go.dev")
		}
		name := link.Name
		if link.Recv != "" {
			name = link.Recv + "." + name
		}
		if name == "" {
			return "/" + path.Join("reference", strings.TrimPrefix(importPath, module)) + ".md"
		}
		return "#" + label(importPath, name)
	}
	p.line("%s", printer.Markdown(p.Parser().Parse(comments)))
}

// declaration writes a declaration as code, without the body of a function.
func (p *pkg) declaration(node ast.Node) {
	var code bytes.Buffer
	if f, ok := node.(*ast.FuncDecl); ok {
		f.Body, f.Doc = nil, nil
	}
	if d, ok := node.(*ast.GenDecl); ok {
		d.Doc = nil
	}
	if err := format.Node(&code, p.files, node); err != nil && p.err == nil {
		p.err = err
	}
	p.line("```go\n%s\n```\n", code.String())
}

// values writes groups of constants or variables.
func (p *pkg) values(level int, title string, groups []*doc.Value) {
	if len(groups) > 0 && title != "" {
		p.line("%s %s\n", strings.Repeat("#", level), title)
	}
	for _, group := range groups {
		for _, name := range group.Names {
			if token.IsExported(name) {
				p.line("(%s)=\n", label(p.ImportPath, name))
			}
		}
		p.declaration(group.Decl)
		p.text(group.Doc)
	}
}

// functions writes functions, or methods of a type.
func (p *pkg) functions(functions []*doc.Func) {
	for _, f := range functions {
		name, level := f.Name, 3
		if f.Recv != "" {
			receiver, _, _ := strings.Cut(strings.TrimPrefix(f.Recv, "*"), "[")
			name, level = receiver+"."+f.Name, 4
		}
		p.heading(level, name, name)
		p.declaration(f.Decl)
		p.text(f.Doc)
		p.picture(f.Name)
		p.examples(f.Examples)
	}
}

// picture shows what a function draws: the picture that is named after it, or the first of several.
func (p *pkg) picture(name string) {
	for _, end := range []string{"", "_*"} {
		found, err := filepath.Glob(filepath.Join(p.folder, "testdata", strings.ToLower(name)+end+"_golden.png"))
		if err != nil && p.err == nil {
			p.err = err
		}
		if len(found) > 0 {
			picture := filepath.Base(found[0])
			p.pictures = append(p.pictures, picture)
			p.line("![An example of what %s draws](%s)\n", name, path.Join(path.Base(filepath.ToSlash(p.folder)), picture))
			return
		}
	}
}

// examples writes examples with their output.
func (p *pkg) examples(examples []*doc.Example) {
	for _, e := range examples {
		var code bytes.Buffer
		var node any = e.Code
		if e.Play != nil {
			node = e.Play // with its imports
		}
		if err := format.Node(&code, p.files, node); err != nil && p.err == nil {
			p.err = err
		}
		p.text(e.Doc)
		p.line("<details><summary>Example</summary>\n\n```go\n%s\n```\n", strings.TrimSpace(code.String()))
		if e.Output != "" {
			p.line("prints\n\n```text\n%s\n```\n", strings.TrimSuffix(e.Output, "\n"))
		}
		p.line("</details>\n")
	}
}
