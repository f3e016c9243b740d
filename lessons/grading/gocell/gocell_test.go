package gocell

import (
	"reflect"
	"regexp"
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
		{"func A() {}\r\n%%\r\nA()\r\n", "func A() {}", "A()\n", true},
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
		declares, main, runs := Split(test.source)
		if declares != test.declares || main != test.main || runs != test.runs {
			t.Errorf("%q is split into %q, %v, %q", test.source, declares, main, runs)
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

func TestFunctionsOfAKindGoWithTheirComments(t *testing.T) {
	const source = "package p\n\n// Kept is.\nfunc Kept() {}\n\n// GoneFurther is\n// gone.\nfunc GoneFurther() {\n\t_ = `\n}\n`\n}\n\nfunc (T) MethodFurther() {}\n\nfunc AlsoFurther() {}\n"
	rest, removed, err := Without(source, regexp.MustCompile(`^[A-Z]\w*Further$`))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"GoneFurther", "AlsoFurther"}; !reflect.DeepEqual(removed, want) {
		t.Errorf("removed %q, want %q", removed, want)
	}
	for text, stays := range map[string]bool{"Kept is": true, "func Kept": true, "MethodFurther": true, "Gone": false, "gone": false, "`": false, "Also": false} {
		if strings.Contains(rest, text) != stays {
			t.Errorf("%q stays is %v in\n%s", text, !stays, rest)
		}
	}
	if _, _, err := Without("no Go", regexp.MustCompile("x")); err == nil {
		t.Error("what is no Go is taken")
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
