package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

func isolate(t *testing.T, source string) (output, error) {
	t.Helper()
	in, err := json.Marshal(input{Cells: []cell{{"test", source}}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(bytes.NewReader(in), &out); err != nil {
		return output{}, err
	}
	var made output
	if err := json.Unmarshal(out.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	return made, nil
}

func TestTheCheckerHoldsTheChecksAndTheStudentsProgramTheValues(t *testing.T) {
	made, err := isolate(t, "%%\nlessons.Report(lessons.CheckArgmax(Argmax))\n// BEGIN HIDDEN TESTS\nlessons.Report(answers.CheckArgmaxFurther(Argmax), lessons.CheckPick(func(c []lessons.Candidate) string { return b }), lessons.CheckDesign(mine.Design))\n// END HIDDEN TESTS")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`lessons.Report(c.Check(answers.Graded("Argmax", lessons.CheckArgmax), remote.Arg(0)))`,
		`lessons.Report(c.Check(answers.CheckArgmaxFurther, remote.Arg(1)), c.Check(answers.Graded("Pick", lessons.CheckPick), remote.Arg(2)), c.Check(answers.Graded("Design", lessons.CheckDesign), remote.Arg(3)))`,
	} {
		if !strings.Contains(made.Checker, want) {
			t.Errorf("the checker lacks %q:\n%s", want, made.Checker)
		}
	}
	random := regexp.MustCompile(`_[0-9a-f]{16}`)
	cell, imports := random.ReplaceAllString(made.Cells["test"], "_R"), random.ReplaceAllString(made.Imports, "_R")
	want := `{
var value0_R func(values []float64) int = Argmax
var value1_R func(values []float64) int = Argmax
var value2_R func(candidates []lessons_R.Candidate) string = func(c []lessons.Candidate) string { return b }
var value3_R func() *fashion_R.Model = mine.Design
remote_R.Serve("SOCKET", value0_R, value1_R, value2_R, value3_R)
}
`
	if cell != want {
		t.Errorf("the student's program is\n%s\nwant\n%s", cell, want)
	}
	if want := "import fashion_R \"fashionlab/fashion\"\nimport lessons_R \"fashionlab/lessons\"\nimport remote_R \"fashionlab/lessons/remote\"\n"; imports != want {
		t.Errorf("it imports\n%s\nwant\n%s", imports, want)
	}
}

// What students see in the place of a hidden check is no check.
func TestAHiddenCheckIsACellOfItsOwn(t *testing.T) {
	made, err := isolate(t, "%%\nlessons.GradedLater(\"Shape\")\n// BEGIN HIDDEN TESTS\nlessons.ReportUsing(answers.CheckShapeFurther(Shape), lessons.CheckBigEndian(BigEndian))\n// END HIDDEN TESTS")
	if err != nil {
		t.Fatal(err)
	}
	if want := `lessons.ReportUsing(c.Check(answers.CheckShapeFurther, remote.Arg(0)), c.Check(answers.Graded("BigEndian", lessons.CheckBigEndian), remote.Arg(1)))`; !strings.Contains(made.Checker, want) || strings.Contains(made.Checker, "GradedLater") {
		t.Errorf("want %q alone in the checker:\n%s", want, made.Checker)
	}
	if strings.Contains(made.Cells["test"], "GradedLater") {
		t.Errorf("the student's program is\n%s", made.Cells["test"])
	}
	if _, err := isolate(t, "%%\nlessons.GradedLater(\"Shape\")\n"); err == nil || !strings.Contains(err.Error(), "checks nothing") {
		t.Errorf("a cell that checks nothing is made, error %v", err)
	}
}

// The student's program does not decide whose numbers count.
func TestTheStudentsIDComesFromTheGrading(t *testing.T) {
	made, err := isolate(t, "%%\nlessons.Report(lessons.CheckOwnNetwork(OwnNetwork, Student))\n// BEGIN HIDDEN TESTS\nlessons.Report(answers.CheckOwnNetworkFurther(OwnNetwork, Student))\n// END HIDDEN TESTS")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"c.Check(lessons.CheckOwnNetwork, remote.Arg(0), c.Student)", "c.Check(answers.CheckOwnNetworkFurther, remote.Arg(1), c.Student)"} {
		if !strings.Contains(made.Checker, want) {
			t.Errorf("the checker lacks %q:\n%s", want, made.Checker)
		}
	}
	if cell := made.Cells["test"]; strings.Contains(cell, "Student") || strings.Contains(made.Imports, "lessons_") {
		t.Errorf("the student's program is\n%s%s", made.Imports, cell)
	}
}

func TestOtherNamesEachTime(t *testing.T) {
	first, _ := isolate(t, "%%\nlessons.Report(lessons.CheckArgmax(A))")
	second, _ := isolate(t, "%%\nlessons.Report(lessons.CheckArgmax(A))")
	if first.Imports == second.Imports {
		t.Error(first.Imports)
	}
}

// A function is what the check calls, in whatever form a student has written it.
func TestFunctionsOfAllFormsAreServed(t *testing.T) {
	made, err := isolate(t, "%%\nlessons.Report(lessons.CheckArgmax(Argmax))")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	found, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedExportFile | packages.NeedImports | packages.NeedDeps}, "fashionlab/lessons", "fashionlab/lessons/remote", "fashionlab/fashion", "cmp")
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string]string{}
	packages.Visit(found, nil, func(p *packages.Package) { exported[p.PkgPath] = p.ExportFile })
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exported[path]) })}
	body := "func of(values []float64) int { return 0 }\n"
	for form, want := range map[string]string{
		"func Argmax(values []float64) int { return 0 }":                "",
		"func Argmax[T cmp.Ordered](values []T) int { return 0 }":       "",
		"func Argmax[S ~[]T, T cmp.Ordered](values S) int { return 0 }": "",
		"var Argmax = of": "",
		"type list func([]float64) int\nvar Argmax list = of":                                              "",
		"type finder struct{}\nfunc (finder) find([]float64) int { return 0 }\nvar Argmax = finder{}.find": "",
		"type row = []float64\nfunc Argmax(values row) (best int) { return }":                              "",
		"func Argmax(values []float32) int { return 0 }":                                                   "cannot use Argmax",
		"func Argmax[T, U any](values []T) int { return 0 }":                                               "cannot infer U",
		"var Argmax = 3": "cannot use Argmax",
	} {
		source := "package main\n" + made.Imports + "import \"cmp\"\nvar _ = cmp.Compare[int]\n" + body + form + "\nfunc main() {\n" + made.Cells["test"] + "}\n"
		file, err := parser.ParseFile(fset, "cell.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = config.Check("main", fset, []*ast.File{file}, nil)
		if got := fmt.Sprint(err); want == "" && err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v, want %q", form, err, want)
		}
	}
}

func TestWhatIsNoGradedCellIsRefused(t *testing.T) {
	for source, want := range map[string]string{
		"func A() {}\n%%\nlessons.Report(lessons.CheckArgmax(A))": "must begin with a line %%",
		"%%\nfmt.Println(1)":                                "nothing but calls",
		"%%\nlessons.Report(nil)":                           "nothing but calls",
		"%%\nanswers.Report(answers.CheckArgmaxFurther(A))": "nothing but calls",
		"%%\nlessons.Report(answers.CheckArgmax(A))":        "there is no check answers.CheckArgmax",
		"%%\nlessons.Report(err())":                         "nothing but calls",
		"%%\n":                                              "checks nothing",
		"%%\nlessons.Report(lessons.CheckNothing(A))":       "there is no check lessons.CheckNothing",
		"%%\nlessons.Report(lessons.CheckArgmax(A, 10))":    "takes 1 arguments, not 2",
		"%%\nlessons.Report(":                               "expected",
	} {
		if _, err := isolate(t, source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", source, err, want)
		}
	}
}
