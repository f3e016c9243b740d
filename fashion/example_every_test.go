package fashion_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// noExample lists the exported types that have no example, each with the reason.
var noExample = map[string]string{}

func TestEveryExportedTypeHasAnExample(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "example_") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	documentation, err := doc.NewFromFiles(fset, files, "fashionlab/fashion")
	if err != nil {
		t.Fatal(err)
	}
	if len(documentation.Types) == 0 {
		t.Fatal("no exported types were found")
	}
	for _, exported := range documentation.Types {
		examples := slices.Clone(exported.Examples)
		for _, function := range slices.Concat(exported.Funcs, exported.Methods) {
			examples = append(examples, function.Examples...)
		}
		for _, example := range examples {
			if example.Output == "" && !example.EmptyOutput {
				t.Errorf("the example %s has no output, so that it is never run", example.Name)
			}
		}
		reason, excused := noExample[exported.Name]
		switch {
		case len(examples) == 0 && !excused:
			t.Errorf("%s has no example: write one in an example_*_test.go, or say in noExample why there is none", exported.Name)
		case len(examples) > 0 && excused:
			t.Errorf("%s has an example, and noExample says that there is none: %s", exported.Name, reason)
		}
	}
}
