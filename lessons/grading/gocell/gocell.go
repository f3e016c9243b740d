// Package gocell reads the cells of a Go notebook as the kernel GoNB does: it
// splits a cell into what it declares and what it runs, and finds imports,
// functions and calls in both.
package gocell

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cell is what a notebook's cell holds.
type Cell struct {
	Declares string `json:"declares"` // without what is for the kernel and what runs; empty if it declares nothing
	Main     bool   `json:"main"`     // whether it runs anything: a line %%, %main or %exec, or a function main of its own
	Runs     string `json:"runs"`     // what that is

	Declared  map[string]string `json:"declared"`  // what the kernel keeps, by the names under which later cells replace it
	Imports   []string          `json:"imports"`   // such as "fmt" and x "math", each as it is written, in quotes
	Rest      string            `json:"rest"`      // Declares without imports, in as many lines
	Functions []Function        `json:"functions"` // those declared that are no methods
	Calls     []string          `json:"calls"`     // what Runs calls, such as fmt.Println and f; one entry for each call
	Commands  []Command         `json:"commands"`  // what the kernel does besides running Go
	Error     string            `json:"error"`     // why the kernel takes none of it
}

// Function is a function that a cell declares.
type Function struct {
	Name  string   `json:"name"`
	Calls []string `json:"calls"` // as in a Cell
}

// Parse reads a cell. Of one that is no valid Go it tells as much as go/parser
// recovers. If only what it runs is no Go, its declarations are told as if that
// were left out, though GoNB forgets them.
func Parse(source string) Cell {
	c := Cell{Declared: map[string]string{}, Imports: []string{}, Functions: []Function{}, Calls: []string{}, Commands: []Command{}} // no null in JSON
	f := split(source)
	c.Commands = append(c.Commands, f.commands...)
	if f.other {
		return c
	}
	text := f.text
	tree, err := parseFile(text, 0)
	if err != nil && f.mark >= 0 {
		c.Main, c.Runs = true, withoutEnd(strings.TrimSuffix(f.text[f.body:], "}\n"))
		text = f.text[:f.mark]
		tree, err = parseFile(text, 0)
	}
	if err != nil {
		c.Error = f.explain(err)
		tree, _ = parseFile(text, parser.AllErrors)
	}
	if f.ends != "" {
		c.Error = f.ends
	}
	c.take(tree, text)
	if c.Main {
		body, _ := parseFile(head+"func main() {\n"+c.Runs+"\n}\n", parser.AllErrors)
		c.Calls = calls(body)
	}
	return c
}

// parseFile parses as GoNB does.
func parseFile(text string, more parser.Mode) (*ast.File, error) {
	return parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments|parser.SkipObjectResolution|more)
}

// take notes what is in a file.
func (c *Cell) take(tree *ast.File, text string) {
	c.Declared = declared(tree, text)
	withoutMain := []byte(text)
	empty := c.Error == ""
	for _, d := range tree.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !isFuncMain(f) || f.Body == nil {
			empty = false
		}
		if !ok || f.Body == nil {
			continue
		}
		if isFuncMain(f) {
			c.Main = true
			end := f.Body.Rbrace
			if !end.IsValid() {
				end = f.Body.End()
			}
			c.Runs = withoutEnd(strings.TrimPrefix(text[offset(f.Body.Lbrace)+1:min(offset(end), len(text))], "\n"+begin))
			blank(withoutMain, offset(f.Pos()), offset(f.End()))
		} else if f.Recv == nil {
			c.Functions = append(c.Functions, Function{f.Name.Name, calls(f.Body)})
		}
	}
	if empty {
		return
	}
	rest := slices.Clone(withoutMain)
	for _, d := range tree.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			for _, spec := range d.Specs {
				c.Imports = append(c.Imports, written(spec.(*ast.ImportSpec)))
			}
			blank(rest, offset(d.Pos()), offset(d.End()))
		}
	}
	c.Declares = strings.TrimRight(string(withoutMain[len(head):]), " \t\r\n")
	c.Rest = string(rest[len(head):][:len(c.Declares)])
}

// withoutEnd returns a body without the lines that GoNB ends it with.
func withoutEnd(body string) string {
	return strings.TrimSuffix(strings.TrimSuffix(body, "\n"), "\n")
}

// explain returns the first error, with the cell's line.
func (f *file) explain(err error) string {
	var all scanner.ErrorList
	if !errors.As(err, &all) || len(all) == 0 {
		return err.Error()
	}
	at := min(all[0].Pos.Offset, len(f.text))
	message := all[0].Msg
	if r, _ := utf8.DecodeRuneInString(f.text[at:]); r > unicode.MaxASCII && !unicode.IsGraphic(r) || unicode.IsSpace(r) && strings.HasPrefix(message, "illegal") {
		message = fmt.Sprintf("the character %U, which is not seen, is no Go: delete it, or write a space", r)
	}
	number := strings.Count(f.text[:at], "\n")
	if number >= len(f.lines) || f.lines[number] == 0 {
		return message
	}
	return fmt.Sprintf("line %d: %s", f.lines[number], message)
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
