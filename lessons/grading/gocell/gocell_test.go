package gocell

import (
	"reflect"
	"strings"
	"testing"
)

func TestCellsAreSplitAsTheKernelDoes(t *testing.T) {
	for _, test := range []struct {
		source, declares, runs string
		main                   bool
	}{
		{"", "", "", false},
		{"func A() {}", "func A() {}", "", false},
		{"func A() {}\n%%\nA()", "func A() {}", "A()", true},
		{"%%\nA()", "", "A()", true},
		{"%%", "", "", true},
		{"func A() {}\n%main\nA()", "func A() {}", "A()", true},
		{"func A() {}\n//gonb:%%\nA()", "func A() {}", "A()", true},
		{"func A() {}\n%% -v 2\nA()", "func A() {}", "A()", true},
		{"func A() {}\n%% -a \\\n -b\nA()", "func A() {}", "A()", true},
		{"!ls \\\n -l\n%noautoget\nfunc A() {}\n%%\n!date\nA()", "func A() {}", "A()", true},
		{"package main\nvar a = 1", "var a = 1", "", false},
		{"var a = 7 %\n2", "var a = 7 %\n2", "", false},
		{"%%bash\necho func A() {}", "", "", false},
		{"var a = `x` // %% is no mark here", "var a = `x` // %% is no mark here", "", false},
	} {
		c := Parse(test.source)
		if c.Declares != test.declares || c.Main != test.main || c.Runs != test.runs {
			t.Errorf("%q is split into %q, %v, %q", test.source, c.Declares, c.Main, c.Runs)
		}
	}
}

func TestImportsOfEveryFormAreFound(t *testing.T) {
	for source, want := range map[string][]string{
		`import "fmt"`:             {`"fmt"`},
		`import "fmt";`:            {`"fmt"`},
		`import "fmt" // to print`: {`"fmt"`},
		"import `fmt`":             {`"fmt"`},
		`import x "os"`:            {`x "os"`},
		`import . "math"`:          {`. "math"`},
		`import _ "image/png"`:     {`_ "image/png"`},
		`import"fmt"`:              {`"fmt"`},
		`import "a"; import b "c"`: {`"a"`, `b "c"`},
		`import ("a"; b "c")`:      {`"a"`, `b "c"`},
		"import (\n\t\"a\" // ) \n\n\t// none\n\tb \"c\"\n)":    {`"a"`, `b "c"`},
		"/* import \"no\" */\nimport \"a\"":                     {`"a"`},
		"import \"a\"\nvar s = `\nimport \"no\"\n`":             {`"a"`},
		"func F() {}\nimport \"a\"":                             {`"a"`},
		"import \"a\"\nfunc F() { for {{ ( }\nfunc G( { 1 := }": {`"a"`},
	} {
		cell := Parse(source)
		if !reflect.DeepEqual(cell.Imports, want) {
			t.Errorf("%q imports %q, want %q", source, cell.Imports, want)
		}
		if strings.Count(cell.Rest, "\n") != strings.Count(source, "\n") {
			t.Errorf("the lines of %q have moved: %q", source, cell.Rest)
		}
		for _, path := range want {
			if strings.Contains(cell.Rest, path) {
				t.Errorf("%q still imports %s: %q", source, path, cell.Rest)
			}
		}
		if again := Parse(cell.Rest); len(again.Imports) > 0 || strings.Contains(cell.Rest, ";") {
			t.Errorf("%q leaves %q", source, cell.Rest)
		}
	}
}

func TestFunctionsAndCallsAreFoundWhereGoHasThem(t *testing.T) {
	cell := Parse("// F calls a()\nfunc F() { a(); b.C(\"d()\") }\nfunc G[T any](x T) func() { return func() { F(); h[T](x) } }\n" +
		"func (t T) M() { no() }\nvar s = `func H() {\n}`\n%%\nmust.M(b.C(1)) // b.C()\nG(1)()\nx.\n\ty.Z()\n(F)()")
	want := []Function{{"F", []string{"a", "b.C"}}, {"G", []string{"F", "h"}}}
	if !reflect.DeepEqual(cell.Functions, want) {
		t.Errorf("functions: %v, want %v", cell.Functions, want)
	}
	if want := []string{"must.M", "b.C", "G", "x.y.Z", "F"}; !reflect.DeepEqual(cell.Calls, want) {
		t.Errorf("calls: %q, want %q", cell.Calls, want)
	}
}

func TestWhatTheKernelRefusesIsSaidWithItsLine(t *testing.T) {
	for source, want := range map[string]string{
		"!ls \\\n -l\nfunc A() {\u00a0}":              "line 3: the character U+00A0, which is not seen, is no Go: delete it, or write a space",
		"\ufefffunc A() {}":                           "line 1: the character U+FEFF, which is not seen, is no Go: delete it, or write a space",
		"func A() {}\n\u2028":                         "line 2: the character U+2028, which is not seen, is no Go: delete it, or write a space",
		"\n\ffunc A() {}":                             "line 2: the character U+000C, which is not seen, is no Go: delete it, or write a space",
		"func A() {}\nvar s = “x”":                    "line 2: curly quotation mark '“' (use neutral '\"')",
		"func A() {}\nimport \"fmt\"":                 "line 2: imports must appear before other declarations",
		"package main\n//gonb:%env A 1\nx := 1":       "line 3: expected declaration, found x",
		"func A() {}\n! ":                             "line 2: % or ! with nothing behind it ends the kernel: delete the line",
		"%%\nA()\n%%\nB()":                            "line 3: a second line %% or the like ends the kernel: let a new cell begin there",
		"func A() {}\n%%\nA(":                         "", // what it declares is Go
		"// \u2028\u0085\f\nvar s = \"\u2028\u00a0\"": "",
	} {
		if got := Parse(source).Error; got != want {
			t.Errorf("%q: %v, want %v", source, got, want)
		}
	}
}

func TestCommandsAreFoundWithTheirLines(t *testing.T) {
	for source, want := range map[string][]Command{
		"%noautoget\n%%\n!ls \\\n -l":        {{1, "%noautoget"}, {3, "!ls   -l"}},
		"//gonb:%env A 1\n%main\n%exec F -x": {{1, "%env A 1"}},
		"%%bash\n!ls":                        {{1, "%%bash"}},
		"var a = 7 %\n2 // %env":             {},
		"func A() {}\n%% -v \\\n!no\n! echo": {{4, "! echo"}},
	} {
		if got := Parse(source).Commands; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", source, got, want)
		}
	}
}

func TestTokensAreThoseThatProgramsAreComparedBy(t *testing.T) {
	for _, test := range []struct{ source, kinds string }{
		{"", ""},
		{"var žába = 1 // comment", "var name = literal"},
		{"var x = 'a'; /* two\nlines */ var y = \"ß\"", "var name = literal ; var name = literal"},
		{"%%\nF(1)\n!ls \\\n -l\nreturn", "name ( literal ) return"},
		{"%%bash\necho x", ""},
		{"//gonb:%%\nfor i := range len(x) {\r\n\ti++\r\n}", "for name := range len ( name ) { name ++ }"},
		{"x := `a\r\nb` + nil", "name := literal + nil"},
		{"a # b \x00 \"open", "name name literal"},
		{"a \u00a0 b", "name name"},
		{"a()\nfmt.Println(f(x), \"(\")\nb()", "name ( ) name ( )"},
		{"a.b.Printf(1); print(2)\nPrint(3)", ";"},
		{"fmt.Println(f(x)\nb()", "name . name ( name ( name ) name ( )"},
		{"Print = 1; fmt.Println", "name = literal ; name . name"},
	} {
		var kinds []string
		runes := []rune(test.source)
		for _, token := range Tokens(test.source) {
			kinds = append(kinds, token.Kind)
			text := string(runes[token.Begin:token.End])
			if token.Kind != "name" && token.Kind != "literal" && text != token.Kind || strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%q: token %+v is %q", test.source, token, text)
			}
		}
		if got := strings.Join(kinds, " "); got != test.kinds {
			t.Errorf("%q has the tokens %q, want %q", test.source, got, test.kinds)
		}
	}
}
