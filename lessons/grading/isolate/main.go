// Command isolate rewrites the graded cells of an assignment, so that the check
// and the student's code run in different programs.
//
// Standard input is JSON, the cells' names and sources as the instructor wrote
// them; standard output is JSON too:
//
//	checker  the source of the program that holds the checks, those of package
//	         answers included, which is no part of the student's program
//	imports  what the cells import, under names that a student does not guess
//	cells    for each cell, what is run in the student's program in its place:
//	         serve, which answers the checker's calls, and together, for what
//	         cannot be called from another process, which runs the check itself;
//	         empty if a check is in package answers
//
// In both, SOCKET stands for a path.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"io"
	"os"
	"strconv"
	"strings"

	"fashionlab/lessons/grading/gocell"
)

type input struct {
	Cells []cell `json:"cells"`
}

type cell struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

type output struct {
	Checker string               `json:"checker"`
	Imports string               `json:"imports"`
	Cells   map[string]rewritten `json:"cells"`
}

type rewritten struct {
	Serve    string `json:"serve"`
	Together string `json:"together"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(r io.Reader, w io.Writer) error {
	var in input
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return fmt.Errorf("standard input is not the JSON that is expected: %w", err)
	}
	random := make([]byte, 8)
	rand.Read(random)
	names := aliases{"lessons_" + hex.EncodeToString(random), "remote_" + hex.EncodeToString(random)}
	out := output{Cells: map[string]rewritten{}}
	out.Imports = fmt.Sprintf("import %s \"fashionlab/lessons\"\nimport %s \"fashionlab/lessons/remote\"\n", names.lessons, names.remote)
	var checker strings.Builder
	checker.WriteString("package main\n\nimport (\n\t\"fashionlab/lessons\"\n\t\"fashionlab/lessons/answers\"\n\t\"fashionlab/lessons/remote\"\n)\n\nvar _ = answers.Files\n\nfunc main() {\n\tremote.Main(remote.Cells{\n")
	for _, c := range in.Cells {
		body, cell, err := names.rewrite(c)
		if err != nil {
			return fmt.Errorf("the graded cell %s: %w", c.Name, err)
		}
		out.Cells[c.Name] = cell
		fmt.Fprintf(&checker, "%q: func(c *remote.Checker) {\n%s},\n", c.Name, body)
	}
	checker.WriteString("})\n}\n")
	source, err := format.Source([]byte(checker.String()))
	if err != nil {
		return fmt.Errorf("the checker that was made does not parse: %w", err)
	}
	out.Checker = string(source)
	return json.NewEncoder(w).Encode(out)
}

// aliases are the names under which a cell imports the packages.
type aliases struct{ lessons, remote string }

// rewrite returns the statements of the checker, and the cell.
func (a aliases) rewrite(c cell) (body string, out rewritten, err error) {
	declares, main, statements := gocell.Split(c.Source)
	if !main || declares != "" {
		return "", out, fmt.Errorf("it must begin with a line %%%%: what it checks stands in earlier cells")
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, c.Name, "package main\nfunc main() {\n"+statements+"\n}\n", 0)
	if err != nil {
		return "", out, err
	}
	show := func(node any) string {
		var b bytes.Buffer
		printer.Fprint(&b, fset, node)
		return b.String()
	}
	var values []string
	var checks strings.Builder
	var own []ast.Stmt // what the student's program may hold
	hidden := false
	for _, statement := range file.Decls[0].(*ast.FuncDecl).Body.List {
		report, _, err := callOf(statement, "Report")
		if err != nil {
			return "", out, err
		}
		var results []string
		secret := false
		for _, argument := range report.Args {
			check, from, err := callOf(&ast.ExprStmt{X: argument}, "Check")
			if err != nil {
				return "", out, err
			}
			secret = secret || from == "answers"
			words := []string{show(check.Fun)}
			for _, value := range check.Args {
				if literal, ok := value.(*ast.BasicLit); ok {
					words = append(words, literal.Value)
					continue
				}
				words = append(words, "remote.Arg("+strconv.Itoa(len(values))+")")
				values = append(values, show(value))
			}
			results = append(results, "c.Check("+strings.Join(words, ", ")+")")
		}
		fmt.Fprintf(&checks, "lessons.Report(%s)\n", strings.Join(results, ", "))
		if hidden = hidden || secret; !secret {
			own = append(own, statement)
		}
	}
	if checks.Len() == 0 {
		return "", out, fmt.Errorf("it checks nothing")
	}

	ast.Inspect(file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok && name.Name == "lessons" {
				name.Name = a.lessons
			}
		}
		return true
	})
	var original strings.Builder
	for _, statement := range own {
		original.WriteString(show(statement) + "\n")
	}
	// The check as the student has it is compiled too, for the compiler's messages.
	out.Serve = "_ = func() {\n" + original.String() + "}\n" +
		fmt.Sprintf("%s.Serve(%q, %s)\n", a.remote, "SOCKET", strings.Join(values, ", "))
	if !hidden {
		out.Together = original.String() + fmt.Sprintf("%s.Passed(%q)\n", a.remote, "SOCKET")
	}
	return checks.String(), out, nil
}

// callOf returns the statement's call of a function whose name begins with
// prefix, and its package: lessons, or answers for a check.
func callOf(statement ast.Stmt, prefix string) (call *ast.CallExpr, from string, err error) {
	if expression, ok := statement.(*ast.ExprStmt); ok {
		if call, ok := expression.X.(*ast.CallExpr); ok {
			if selector, ok := call.Fun.(*ast.SelectorExpr); ok {
				if name, ok := selector.X.(*ast.Ident); ok && strings.HasPrefix(selector.Sel.Name, prefix) &&
					(name.Name == "lessons" || name.Name == "answers" && prefix == "Check") {
					return call, name.Name, nil
				}
			}
		}
	}
	return nil, "", fmt.Errorf("it may hold nothing but calls lessons.Report(lessons.CheckNAME(…), …) and lessons.Report(answers.CheckNAMEFurther(…), …)")
}
