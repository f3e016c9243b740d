// Package fashionlab_test holds the tests of the project as a whole.
package fashionlab_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const project = "fashionlab/"

// room is a folder with all its subfolders, and the imports that its packages may
// have. Rooms inside of it have their own rules.
type room struct {
	path string
	// project lists folders of this project, with their subfolders.
	project []string
	// modules lists the restricted modules that may be imported.
	modules []string
}

// The modules that only some rooms may import: for computation, drawing, notebooks and metrics.
const (
	gomlx      = "github.com/gomlx/"
	plot       = "gonum.org/v1/plot"
	gonb       = "github.com/janpfeifer/gonb"
	prometheus = "github.com/prometheus/"
)

// rooms is the map of ARCHITECTURE.md. Imports go from lessons to plots to
// fashion to fashion/internal, and never back.
var rooms = []room{
	{"fashion", []string{"fashion/internal"}, []string{gomlx}},
	{"fashion/internal", []string{"fashion/internal"}, []string{gomlx}},
	{"fashion/progress", []string{"fashion"}, nil},
	{"fashion/serve", []string{"fashion"}, []string{prometheus}},
	{"fashion/challenge", []string{"fashion"}, nil},
	{"fashion/cmd", []string{"fashion", "plots"}, nil},
	{"plots", []string{"fashion"}, []string{plot}},
	{"plots/display", []string{"fashion", "plots"}, []string{gonb}},
	{"plots/live", []string{"fashion", "plots"}, nil},
	{"lessons", []string{"fashion", "plots", "lessons/checktest", "lessons/remote"}, nil},
	{"lessons/checktest", nil, nil},
	{"lessons/answers", []string{"lessons", "fashion"}, nil},
	{"lessons/remote", nil, nil},
	{"lessons/grading", nil, nil},
	{"tools/website", nil, nil},
}

// goPackage is the output of "go list -json" for a package.
type goPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

func TestImportsGoFromLessonsToPlotsToFashionAndNeverBack(t *testing.T) {
	packages := list(t)
	for _, p := range packages {
		for _, wrong := range violations(p) {
			t.Error(wrong)
		}
	}
	for _, r := range rooms {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return within(p.ImportPath, project+r.path) }) {
			t.Errorf("%s has a rule and no package", r.path)
		}
	}
}

func TestTheRuleNamesEachWrongImport(t *testing.T) {
	for _, c := range []struct {
		from, to string
		test     bool
		wrong    bool
	}{
		{from: "plots", to: project + "fashion"},
		{from: "plots", to: gomlx + "gomlx/core/graph", wrong: true},
		{from: "plots/live", to: gomlx + "compute", wrong: true},
		{from: "plots", to: gonb + "/gonbui", wrong: true},
		{from: "fashion", to: prometheus + "client_golang/prometheus", wrong: true},
		{from: "fashion/serve", to: prometheus + "client_golang/prometheus"},
		{from: "fashion", to: project + "fashion/serve", wrong: true},
		{from: "plots/display", to: gonb + "/gonbui"},
		{from: "plots", to: project + "lessons", wrong: true},
		{from: "fashion", to: project + "plots", wrong: true},
		{from: "fashion", to: project + "plots", test: true, wrong: true},
		{from: "fashion", to: project + "lessons", wrong: true},
		{from: "fashion", to: gonb + "/gonbui", wrong: true},
		{from: "fashion", to: project + "fashion/internal/userpath"},
		{from: "fashion/internal/userpath", to: project + "fashion", wrong: true},
		{from: "fashion/internal/userpath", to: project + "fashion", test: true, wrong: true},
		{from: "fashion/internal/userpath", to: project + "fashion/cmd/fashion", wrong: true},
		{from: "fashion/internal/userpath", to: project + "fashion/internal/other"},
		{from: "fashion/cmd/fashion", to: project + "plots"},
		{from: "fashion/cmd/fashion", to: plot, wrong: true},
		{from: "lessons", to: project + "plots"},
		{from: "lessons", to: gomlx + "gomlx/core/graph", wrong: true},
		{from: "lessons", to: gomlx + "gomlx/core/graph", test: true},
		{from: "lessons", to: project + "lessons/answers", wrong: true},
		{from: "lessons", to: project + "lessons/answers", test: true, wrong: true},
		{from: "lessons/answers", to: project + "lessons"},
		{from: "lessons/remote", to: project + "lessons", wrong: true},
		{from: "elsewhere", to: "fmt", wrong: true},
	} {
		p := goPackage{ImportPath: project + c.from, Imports: []string{"fmt"}}
		if c.test {
			p.XTestImports = []string{c.to}
		} else {
			p.Imports = append(p.Imports, c.to)
		}
		found := violations(p)
		if got := len(found) > 0; got != c.wrong {
			t.Errorf("%s imports %s (test: %v): violations %q, want wrong = %v", c.from, c.to, c.test, found, c.wrong)
		}
	}
}

func TestTheMapShowsEveryRoom(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rooms {
		if !strings.Contains(string(text), "\n| `"+r.path) {
			t.Errorf("the table in ARCHITECTURE.md has no row for %s", r.path)
		}
	}
}

func TestFashionReachesNoNotebookThroughAnotherModule(t *testing.T) {
	for _, p := range list(t) {
		if !within(p.ImportPath, project+"fashion") {
			continue
		}
		for _, dependency := range p.Deps {
			// Only the command line draws, and no cell links it.
			if within(dependency, gonb) || within(dependency, plot) && !within(p.ImportPath, project+"fashion/cmd") {
				t.Errorf("%s depends on %s", p.ImportPath, dependency)
			}
		}
	}
}

func TestACellThatShowsAPictureDoesNotLinkTheEngine(t *testing.T) {
	for _, p := range list(t) {
		if p.ImportPath != project+"plots/display" {
			continue
		}
		for _, dependency := range p.Deps {
			if within(dependency, gomlx) || dependency == project+"fashion" {
				t.Errorf("%s depends on %s, so each cell that prints is linked for half a second longer (fashion/PERFORMANCE.md)", p.ImportPath, dependency)
			}
		}
	}
}

// violations lists the imports of a package that its room does not allow. Tests may
// import any other module, but not every package of this project.
func violations(p goPackage) []string {
	if p.ImportPath+"/" == project {
		return nil // this package, which has only tests
	}
	r, ok := roomOf(p.ImportPath)
	if !ok {
		return []string{fmt.Sprintf("%s is in no room; add it to the rooms in architecture_test.go and to ARCHITECTURE.md", p.ImportPath)}
	}
	var wrong []string
	report := func(path string) {
		wrong = append(wrong, fmt.Sprintf("%s imports %s, which %s may not (ARCHITECTURE.md)", p.ImportPath, path, r.path))
	}
	for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
		own, ok := roomOf(path)
		allowed := ok && own.path == r.path || slices.ContainsFunc(r.project, func(folder string) bool { return within(path, project+folder) })
		if strings.HasPrefix(path, project) && !allowed {
			report(path)
		}
	}
	for _, path := range p.Imports {
		for _, module := range []string{gomlx, plot, gonb, prometheus} {
			if within(path, module) && !slices.Contains(r.modules, module) {
				report(path)
			}
		}
	}
	return wrong
}

// roomOf returns the innermost room that contains a package.
func roomOf(path string) (innermost room, found bool) {
	for _, r := range rooms {
		if within(path, project+r.path) && len(r.path) > len(innermost.path) {
			innermost, found = r, true
		}
	}
	return innermost, found
}

func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// list describes all packages of the project.
func list(t *testing.T) []goPackage {
	t.Helper()
	readFolders(t)
	command := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); err == io.EOF {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// readFolders reads the folders with Go files, because the cache of "go test" must
// depend on them: it records the files that this process reads, but not those that
// "go list" reads.
func readFolders(t *testing.T) {
	t.Helper()
	for _, folder := range []string{"fashion", "plots", "lessons"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
