package gocell

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// seen is what GoNB sees in a cell (testdata/gonb/goexec.go).
type seen struct {
	Other   bool
	Dies    string
	Skipped []int
	File    string
	Error   string
	Main    string
	Kept    map[string]string
}

// askKernel gives cells to GoNB's own code. Its packages are internal, so the
// program is built within a copy of its module.
func askKernel(t *testing.T, cells []string) []seen {
	t.Helper()
	dir := t.TempDir()
	run := func(input string, name string, arguments ...string) string {
		t.Helper()
		var out, complaints bytes.Buffer
		c := exec.Command(name, arguments...)
		c.Stdin, c.Stdout, c.Stderr = strings.NewReader(input), &out, &complaints
		if err := c.Run(); err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, &complaints)
		}
		return strings.TrimSpace(out.String())
	}
	module := filepath.Join(dir, "gonb")
	if err := os.CopyFS(module, os.DirFS(run("", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb"))); err != nil {
		t.Fatal(err)
	}
	ours := filepath.Dir(run("", "go", "env", "GOMOD"))
	for from, to := range map[string]string{
		filepath.Join(ours, "go.mod"): filepath.Join(dir, "go.mod"),
		filepath.Join(ours, "go.sum"): filepath.Join(dir, "go.sum"),
		"testdata/gonb/main.go":       filepath.Join(module, "internal", "see", "main.go"),
		"testdata/gonb/goexec.go":     filepath.Join(module, "internal", "goexec", "see.go"),
		"testdata/gonb/specialcmd.go": filepath.Join(module, "internal", "specialcmd", "see.go"),
	} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run("", "go", "mod", "edit", "-replace=github.com/janpfeifer/gonb="+module, filepath.Join(dir, "go.mod"))
	program := filepath.Join(dir, "see.exe")
	run("", "go", "build", "-modfile="+filepath.Join(dir, "go.mod"), "-o", program, "github.com/janpfeifer/gonb/internal/see")
	input, err := json.Marshal(cells)
	if err != nil {
		t.Fatal(err)
	}
	var out []seen
	if err := json.Unmarshal([]byte(run(string(input), program)), &out); err != nil || len(out) != len(cells) {
		t.Fatalf("%d answers for %d cells: %v", len(out), len(cells), err)
	}
	return out
}

// forms are cells that people write, and such as they write by mistake.
var forms = []string{
	"", "\n", " ", "func A() {}", "func A() {}\n%%\nA()", "\t%%\nA()", " %%\nA()", "%% \nA()", "%%\tx y\nA()", "%%%\nA()", "%%x\nA()",
	"%main\nA()", "%main -v\nA()", "%mainly\nA()", "//gonb:%%\nA()", "//gonb: %%\nA()", "// gonb:%%\nA()", "//gonb:%main\nA()", "//gonb:!ls\nvar a = 1",
	"%exec A\nfunc A() {}", "%exec A -x 1\nfunc A() {}", "func main() { A() }\nfunc A() {}", "func A() {}\nfunc main() {\n\tA()\n}", "func init() {}\nfunc init_a() {}",
	"!ls \\\n%%\nA()", "!ls \\\n -l \\\n\nA()", "!ls \\", "!echo a\\\\\nvar a = 1", "%env A \\\n%main\nA()", "!", "%", "!!", "%noautoget\nimport \"fmt\"", "!*ls\n%%\nA()",
	"%test\nfunc TestA(t *testing.T) {}", "%wasm\nfunc A() {}", "%env A 1\nfunc A() {}", "%reset\nfunc A() {}",
	"%%bash\necho", " %%bash\necho", "\"%%bash\"\necho", "%%writefile x.go\nfunc A() {}", "%%script sh\nls", "//gonb:%%sh\nls", "\n%%bash\nls", "%%bashful\nvar a = 1", "%%gx", "%%\"bash\"\nls", "\"%%b\\ash\"\nls",
	"%%\nA()\n%%\nB()", "%%\nA()\n}\nfunc B() {", "%%\nA()\n}\nvar c = 3\nfunc D() {\n", "func A() {\n%%\nB()", "%%\nimport \"fmt\"", "%%\nfunc A() {}",
	"package main\nvar a = 1", "package x", "packaged := 1", "%%\npackage main\nA()", "var a = `\npackage main\n`",
	"var a = `\n%%\n`", "var a = `\n!ls\n%env A 1\n`\n%%\nA()", "/*\n%%\n*/ A()", "// %%\nvar a = 7 %\n2", "var a = `x` // %% is no mark here",
	"import \"fmt\"", "import \"fmt\" // to print", "import `fmt`", "import (\"math\"; \"sort\")", "import \"a\"; import b \"c\"", "import (\n\t\"a\" // )\n\n\tb \"c\" /* d */\n)", "import . \"math\"\nimport _ \"image/png\"\nimport _ \"image/jpeg\"",
	"import \"math/rand/v2\"\nimport \"gopkg.in/yaml.v3\"\nimport \"a-b\"", "import \"math/rand\"\nimport \"crypto/rand\"", "import \"a \"", "import \"\"", "import fmt", "import", "import (", "func A() {}\nimport \"fmt\"", "var s = `\nimport \"no\"\n`", "/* import \"no\" */\nimport \"a\"",
	"func A[T cmp.Ordered](v []T) int { return 0 }", "type S[T any] struct{}\nfunc (s S[T]) A() {}\nfunc (s *S[T]) B() {}\ntype U[T any] int\nfunc (u U[T]) A() {}", "func (t T) A() {}\nfunc (t *T) B() {}\nfunc (T) A() {}", "func () A() {}", "func (pkg.T) A() {}",
	"var a, b = F()", "var a, b int = 1, 2", "var (\n\ta = 1\n\tb, c string\n)", "var _ = F()", "var _, x = F()", "const (\n\tA = iota\n\tB\n\tC\n)", "const D float64 = 1", "type (\n\tT int\n\tU = T\n)", "var F = func(x int) int {\n\treturn x\n}",
	"func A() int { return 1 }\nfunc A() int { return 2 }", "func A()", "//go:linkname A b\nfunc A()", "//line x.go:99\nfunc A() {}", "x := 1", "fmt.Println(1)", "func A() {", "}", "func A() {\n\tfor {{ (\n}\nfunc B( { 1 := }",
	"\ufefffunc A() {}", "\ufeff%%\nA()", "func A() {}\u00a0", "func\u00a0A() {}", "\u00a0\n", "// a\u2028b\nfunc A() {}", "var a = \"a\u2028b\u2029c\u0085d\fe\"", "\u2028", "\u0085", "\ffunc A() {}", "func A() {}\v", "var a = `a\u2028\n%%\nb`", "!ls\u2028\nfunc A() {}", "%%\u2028\nA()", "%%\u00a0\nA()", "// \u2028%%\nA()",
	"func A() {}\r\n%%\r\nA()\r\n", "%%bash\r\nls", "!ls \\\r\n -l", "var a = `x\r\ny`", "\r", "func A() {}\r%%\rA()", "\x00", "var ä, 世 = 1, 2", "a\\\nb", "/*", "`", "\"", "'", "%!\n!%", "% ls", "!\tls", "% ", "!\t",
}

// pieces are lines that the generator makes cells of.
var pieces = []string{
	"%%", "%% -v", "%main", "//gonb:%%", "\t%%", "%exec A", "!ls", "!ls \\", "%env A 1", "%env A \\", "%noautoget", "%%bash", "package main", "package p // x", "func main() { A() }",
	"import \"fmt\"", "import x `fmt`", "import (\"math\"; \"sort\")", "import (", ")", "\t\"a/b\" // c", "func A() {}", "func A() int { return 2 }", "func (t *T) A() {", "}", "{", "\treturn", "func B[T any](x T) {",
	"type T struct{}", "type T[P any] []P", "type (", "var a = 1", "var a, b = F()", "var (", "\tc = 2", "const (", "\tD = iota", "\tE", "const D = 2", "`", "var s = `", "/*", "*/", "//", "// x\u2028y", "", "\t", "\f", "\u00a0", "\ufeff", "\r", "A()", "x := A()", "\\", "//gonb:", "//gonb:!ls \\",
}

func TestCellsAreSeenAsTheKernelSeesThem(t *testing.T) {
	cells := slices.Clone(forms)
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		var lines []string
		for range 1 + random.IntN(7) {
			lines = append(lines, pieces[random.IntN(len(pieces))])
		}
		cells = append(cells, strings.Join(lines, "\n"))
	}
	for range 2000 { // a form within another
		a, b := strings.Split(forms[random.IntN(len(forms))], "\n"), strings.Split(forms[random.IntN(len(forms))], "\n")
		cells = append(cells, strings.Join(slices.Insert(a, random.IntN(len(a)+1), b...), "\n"))
	}
	valid := 0
	for i, want := range askKernel(t, cells) {
		source := cells[i]
		f, c := split(source), Parse(source)
		if want.Dies != "" {
			if c.Error == "" && !strings.Contains(source, "//line") { // which moves GoNB's own places
				t.Errorf("%q has no error, though the kernel dies: %s", source, want.Dies)
			}
			continue
		}
		if f.other != want.Other {
			t.Errorf("%q is for another program: %v, want %v", source, f.other, want.Other)
		}
		if want.Other {
			continue
		}
		if skip := slices.Sorted(maps.Keys(new(file).findCommands(strings.Split(source, "\n")))); !slices.Equal(skip, want.Skipped) {
			t.Errorf("%q has commands on lines %v, want %v", source, skip, want.Skipped)
		}
		if f.text != want.File {
			t.Errorf("%q becomes\n%q, want\n%q", source, f.text, want.File)
		}
		if _, err := parseFile(f.text, 0); (err != nil) != (want.Error != "") {
			t.Errorf("%q: error %v, want %q", source, err, want.Error)
		}
		if want.Error != "" {
			if c.Error == "" && !c.Main {
				t.Errorf("%q has no error, want %q", source, want.Error)
			}
			continue
		}
		valid++
		if c.Error != "" || c.Main != (want.Main != "") {
			t.Errorf("%q: error %q, main %v, want none and %q", source, c.Error, c.Main, want.Main)
		}
		kept := maps.Clone(c.Declared)
		for key, text := range kept {
			if strings.HasPrefix(key, "const ") {
				kept[key] = "" // it is that of the whole declaration
			} else if strings.HasPrefix(key, "var ") {
				kept[key], _, _ = strings.Cut(text, " of ")
			}
		}
		if !maps.Equal(kept, want.Kept) {
			t.Errorf("%q declares\n%q, want\n%q", source, kept, want.Kept)
		}
		// What is left of it declares the same, again.
		if again := Parse(c.Declares); again.Main || again.Error != "" || !maps.Equal(again.Declared, c.Declared) {
			t.Errorf("%q is left as %q, which declares\n%q (%s), want\n%q", source, c.Declares, again.Declared, again.Error, c.Declared)
		}
	}
	if valid < 300 {
		t.Errorf("only %d of %d cells are Go", valid, len(cells))
	}
	t.Logf("%d of %d cells are Go", valid, len(cells))
}
