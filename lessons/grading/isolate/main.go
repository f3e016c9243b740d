// Command isolate rewrites the graded cells of an assignment, so that the check
// and the student's code run in different programs.
//
// Standard input is JSON, the cells' names and sources as the instructor wrote
// them; standard output is JSON too:
//
//	checker  the source of the program that holds the checks, those of package
//	         answers included, which is no part of the student's program
//	imports  what the cells import, under names that a student does not guess
//	cells    for each cell, what is run in the student's program in its place: it answers
//	         the checker's calls
//
// In cells, SOCKET stands for a path.
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
	"go/types"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

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
	Checker string            `json:"checker"`
	Imports string            `json:"imports"`
	Cells   map[string]string `json:"cells"`
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
	checks := map[string]*types.Package{}
	for _, name := range []string{"lessons", "answers"} {
		var err error
		if checks[name], err = load(paths[name]); err != nil {
			return err
		}
	}
	random := make([]byte, 8)
	rand.Read(random)
	names := &names{checks: checks, suffix: hex.EncodeToString(random), imports: map[string]string{}}
	out := output{Cells: map[string]string{}}
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
	for _, name := range slices.Sorted(maps.Keys(names.imports)) {
		out.Imports += fmt.Sprintf("import %s %q\n", name, names.imports[name])
	}
	source, err := format.Source([]byte(checker.String()))
	if err != nil {
		return fmt.Errorf("the checker that was made does not parse: %w", err)
	}
	out.Checker = string(source)
	return json.NewEncoder(w).Encode(out)
}

// paths are those of the packages that hold checks.
var paths = map[string]string{"lessons": "fashionlab/lessons", "answers": "fashionlab/lessons/answers"}

// student is the type of an argument that the grading gives, and not the student's program.
const student = "fashionlab/lessons.Student"

// load returns the types of a package.
func load(path string) (*types.Package, error) {
	found, err := packages.Load(&packages.Config{Mode: packages.LoadTypes}, path)
	if err != nil {
		return nil, fmt.Errorf("the package %s cannot be read: %w", path, err)
	}
	for _, e := range found[0].Errors {
		return nil, fmt.Errorf("the package %s cannot be read: %w", path, e)
	}
	return found[0].Types, nil
}

// names are those that the cells use, which a student does not guess.
type names struct {
	checks  map[string]*types.Package // by their names
	suffix  string
	imports map[string]string // paths by names
}

// of is the name under which a package is imported.
func (n *names) of(path, name string) string {
	alias := name + "_" + n.suffix
	n.imports[alias] = path
	return alias
}

// parameters are the types of a check's parameters, as a cell writes them.
func (n *names) parameters(from, name string) ([]string, error) {
	function, ok := n.checks[from].Scope().Lookup(name).(*types.Func)
	if !ok {
		return nil, fmt.Errorf("there is no check %s.%s", from, name)
	}
	var out []string
	for parameter := range function.Signature().Params().Variables() {
		if types.TypeString(parameter.Type(), nil) == student {
			out = append(out, student)
			continue
		}
		out = append(out, types.TypeString(parameter.Type(), func(p *types.Package) string { return n.of(p.Path(), p.Name()) }))
	}
	return out, nil
}

// rewrite returns the statements of the checker, and the cell.
func (n *names) rewrite(c cell) (body, out string, err error) {
	read := gocell.Parse(c.Source)
	if !read.Main || read.Declares != "" {
		return "", out, fmt.Errorf("it must begin with a line %%%%: what it checks stands in earlier cells")
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, c.Name, "package main\nfunc main() {\n"+read.Runs+"\n}\n", 0)
	if err != nil {
		return "", out, err
	}
	show := func(node any) string {
		var b bytes.Buffer
		printer.Fprint(&b, fset, node)
		return b.String()
	}
	var values []string
	var checks, declared strings.Builder
	for _, statement := range file.Decls[0].(*ast.FuncDecl).Body.List {
		if _, _, err := callOf(statement, "GradedLater"); err == nil {
			continue // what students see in the place of a hidden check
		}
		report, _, err := callOf(statement, "Report")
		if err != nil {
			return "", out, err
		}
		var results []string
		for _, argument := range report.Args {
			check, from, err := callOf(&ast.ExprStmt{X: argument}, "Check")
			if err != nil {
				return "", out, err
			}
			parameters, err := n.parameters(from, check.Fun.(*ast.SelectorExpr).Sel.Name)
			if err != nil {
				return "", out, err
			}
			if len(parameters) != len(check.Args) {
				return "", out, fmt.Errorf("%s takes %d arguments, not %d", show(check.Fun), len(parameters), len(check.Args))
			}
			words := []string{show(check.Fun)}
			if name := check.Fun.(*ast.SelectorExpr).Sel.Name; from == "lessons" && len(check.Args) == 1 {
				// Students have the table of a visible check, and not what else is asked.
				words[0] = fmt.Sprintf("answers.Graded(%q, %s)", strings.TrimPrefix(name, "Check"), words[0])
			}
			for i, value := range check.Args {
				if literal, ok := value.(*ast.BasicLit); ok {
					words = append(words, literal.Value)
					continue
				}
				if parameters[i] == student {
					words = append(words, "c.Student")
					continue
				}
				words = append(words, "remote.Arg("+strconv.Itoa(len(values))+")")
				// A variable of the check's type: a generic function becomes the one that the check
				// calls, and the compiler says what does not fit.
				variable := fmt.Sprintf("value%d_%s", len(values), n.suffix)
				fmt.Fprintf(&declared, "var %s %s = %s\n", variable, parameters[i], show(value))
				values = append(values, variable)
			}
			results = append(results, "c.Check("+strings.Join(words, ", ")+")")
		}
		fmt.Fprintf(&checks, "%s(%s)\n", show(report.Fun), strings.Join(results, ", "))
	}
	if checks.Len() == 0 {
		return "", out, fmt.Errorf("it checks nothing")
	}

	out = fmt.Sprintf("{\n%s%s.Serve(%q, %s)\n}\n", declared.String(), n.of("fashionlab/lessons/remote", "remote"), "SOCKET", strings.Join(values, ", "))
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
	return nil, "", fmt.Errorf("it may hold nothing but calls of lessons.Report and lessons.ReportUsing with lessons.CheckNAME(…) and answers.CheckNAMEFurther(…), and lessons.GradedLater(…)")
}
