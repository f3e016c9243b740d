package gocell

import (
	"strings"
	"testing"
)

func TestWhatLeadsOutOfTheLanguageIsRefused(t *testing.T) {
	for source, want := range map[string]string{
		"import _ \"unsafe\"\n\n//go:linkname f fashionlab/lessons.f\nfunc f()": "import \"unsafe\"",
		"import (\n\t\"fmt\"\n\tu `unsafe`\n)":                                  "import \"unsafe\"",
		"//go:linkname f fashionlab/lessons.f\nfunc f()":                        "go:linkname",
		"func g() {}\n%%\n//go:linkname f fashionlab/lessons.f\nf()":            "go:linkname",
		"// #include <math.h>\nimport \"C\"":                                    "import \"C\"",
		"import \"plugin\"":                                                     "import \"plugin\"",
		"import \"runtime/cgo\"":                                                "import \"runtime/cgo\"",
		"import \"unsafe\"\nfunc broken( {":                                     "import \"unsafe\"",
		"import \"fmt\"":                                                        "",
		"// go:linkname is not for us\nfunc f() {}":                             "",
		"var s = `\n//go:linkname f x.f\n`":                                     "",
		"var s = \"import unsafe\" // plugin, cgo, C":                           "",
	} {
		got := Parse(source).Refused
		if want == "" && got != "" || want != "" && !strings.HasPrefix(got, want+" is refused") {
			t.Errorf("of %q it is said %q, want %q", source, got, want)
		}
	}
}
