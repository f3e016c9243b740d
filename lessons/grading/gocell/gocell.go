// Package gocell reads the cells of a Go notebook as the kernel GoNB does: it
// splits a cell into what it declares and what it runs, and finds imports,
// functions and calls in both.
package gocell

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// Cell is what a notebook's cell holds.
type Cell struct {
	Declares string `json:"declares"` // without GoNB's commands
	Main     bool   `json:"main"`     // whether it runs anything: it has a line %% or %main
	Runs     string `json:"runs"`     // what follows that line

	Imports   []string   `json:"imports"`   // such as "fmt" and x "math", each as it is written, in quotes
	Rest      string     `json:"rest"`      // Declares without imports, in as many lines
	Functions []Function `json:"functions"` // those declared that are no methods
	Calls     []string   `json:"calls"`     // what Runs calls, such as fmt.Println and f; one entry for each call
}

// Function is a function that a cell declares.
type Function struct {
	Name  string   `json:"name"`
	Calls []string `json:"calls"` // as in a Cell
}

// Parse reads a cell. Of one that is no valid Go it tells as much as go/parser
// recovers.
func Parse(source string) Cell {
	c := Cell{Imports: []string{}, Functions: []Function{}, Calls: []string{}} // lists in JSON too
	c.Declares, c.Main, c.Runs = Split(source)
	c.Rest = c.Declares

	const head = "package main\n"
	file := parse(head + c.Declares)
	rest := []byte(head + c.Declares)
	for _, declared := range file.Decls {
		switch declared := declared.(type) {
		case *ast.GenDecl:
			if declared.Tok != token.IMPORT {
				continue
			}
			for _, spec := range declared.Specs {
				c.Imports = append(c.Imports, written(spec.(*ast.ImportSpec)))
			}
			blank(rest, int(declared.Pos())-1, int(declared.End())-1)
		case *ast.FuncDecl:
			if declared.Recv == nil && declared.Body != nil {
				c.Functions = append(c.Functions, Function{declared.Name.Name, calls(declared.Body)})
			}
		}
	}
	c.Rest = strings.TrimPrefix(string(rest), head)
	if c.Main {
		c.Calls = calls(parse("package main\nfunc main() {\n" + c.Runs + "\n}\n"))
	}
	return c
}

// Split splits a cell at the line %% or %main, and leaves out GoNB's commands,
// which begin with % or !, and the lines that it ignores, which name a package.
func Split(source string) (declares string, main bool, runs string) {
	lines := strings.Split(strings.ReplaceAll(source, "\r\n", "\n"), "\n")
	if isMagic(lines[0]) {
		return "", false, ""
	}
	var parts [2][]string
	into := &parts[0]
	for i := 0; i < len(lines); i++ {
		line := strings.TrimPrefix(lines[i], "//gonb:")
		if !isCommand(line) {
			if !strings.HasPrefix(line, "package") {
				*into = append(*into, lines[i])
			}
			continue
		}
		if isMain(line) {
			into, main = &parts[1], true
		}
		// A command goes on where its line ends with a backslash.
		for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
			i++
		}
	}
	return strings.TrimSpace(strings.Join(parts[0], "\n")), main, strings.Join(parts[1], "\n")
}

// isCommand reports whether a line is for GoNB and no Go, as version 0.11.5 has
// it (internal/specialcmd/specialcmd.go, Parse).
func isCommand(line string) bool {
	return len(line) > 1 && (line[0] == '%' || line[0] == '!')
}

// isMain reports whether what follows the line is the body of main
// (internal/goexec/composer.go, createGoFileFromLines).
func isMain(line string) bool {
	return strings.HasPrefix(line, "%main") || line == "%%" || strings.HasPrefix(line, "%% ") || strings.HasPrefix(line, "%%\t")
}

// isMagic reports whether a cell that begins with the line is no Go at all
// (internal/specialcmd/cellmagic.go).
func isMagic(line string) bool {
	word, _, _ := strings.Cut(line, " ")
	switch word {
	case "%%writefile", "%%script", "%%bash", "%%sh", "%%gx":
		return true
	}
	return false
}

func parse(source string) *ast.File {
	file, _ := parser.ParseFile(token.NewFileSet(), "", source, parser.AllErrors|parser.SkipObjectResolution)
	return file
}

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

// blank overwrites a declaration with spaces, and a semicolon behind it. Lines
// stay.
func blank(source []byte, begin, end int) {
	end = min(end, len(source))
	for i := begin; i < end; i++ {
		if source[i] != '\n' {
			source[i] = ' '
		}
	}
	for i := end; i < len(source) && strings.IndexByte(" \t;", source[i]) >= 0; i++ {
		if source[i] == ';' {
			source[i] = ' '
			return
		}
	}
}

// calls returns what is called anywhere in a node, by its name.
func calls(node ast.Node) []string {
	found := []string{}
	ast.Inspect(node, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if name := nameOf(call.Fun); name != "" {
				found = append(found, name)
			}
		}
		return true
	})
	return found
}

// nameOf returns the name that an expression is called by, without types: f,
// fmt.Println, and .Fit for a method of a value without a name; "" if it has none.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return nameOf(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr:
		return nameOf(e.X)
	case *ast.IndexListExpr:
		return nameOf(e.X)
	case *ast.ParenExpr:
		return nameOf(e.X)
	}
	return ""
}
