package fashionlab_test

import (
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fashionlab/lessons"
)

// pages lists the texts for readers outside of the notebooks.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(found, "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "lessons/README.md", "docker/README.md", "docker/without.md")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var goSnippet = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

func TestEveryGoSnippetIsAProgramThatCompiles(t *testing.T) {
	count := 0
	for _, page := range pages(t) {
		for _, match := range goSnippet.FindAllStringSubmatch(read(t, page), -1) {
			count++
			file := filepath.Join(t.TempDir(), "main.go")
			if err := os.WriteFile(file, []byte(match[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
				t.Errorf("%s: a snippet does not compile: %v\n%s\n%s", page, err, out, match[1])
			}
			formatted, err := exec.Command("gofmt", "-l", file).CombinedOutput()
			if err != nil || len(formatted) > 0 {
				t.Errorf("%s: a snippet is not formatted as gofmt does: %v\n%s", page, err, match[1])
			}
		}
	}
	if count < 4 {
		t.Errorf("found %d snippets, want at least 4: is the pattern still right?", count)
	}
}

func TestTheCheckInTheReadmePrintsWhatTheReadmeShows(t *testing.T) {
	err := lessons.CheckSoftmax(func(logits []float64) []float64 {
		probabilities, sum := make([]float64, len(logits)), 0.0
		for i, z := range logits {
			probabilities[i] = math.Exp(z)
			sum += probabilities[i]
		}
		for i := range probabilities {
			probabilities[i] /= sum
		}
		return probabilities
	})
	words := strings.Join(strings.Fields(read(t, "README.md")), " ")
	if err == nil || !strings.Contains(words, "✗ "+err.Error()) {
		t.Errorf("README.md does not show the check's message: %v", err)
	}
}

var (
	target      = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	makeCommand = regexp.MustCompile("(?m)(?:^ {4,}(?:\\$ )?|`|=1 |sudo )make ([a-z][a-z-]*)")
	command     = regexp.MustCompile(`(?m)go run \./fashion/cmd/fashion ([a-z]+)( .*)?$`)
	verb        = regexp.MustCompile(`(?m)^    ([a-z]+)( [-(\[].*)?$`)
	flag        = regexp.MustCompile(`(?:^|[ [(])-([a-z]+)`)
)

func TestEveryMakeCommandInTheTextsIsATarget(t *testing.T) {
	var targets []string
	for _, match := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets = append(targets, match[1])
	}
	for _, page := range pages(t) {
		for _, match := range makeCommand.FindAllStringSubmatch(read(t, page), -1) {
			if !slices.Contains(targets, match[1]) && match[1] != "a" { // "make a run" describes a verb
				t.Errorf("%s has make %s, which the Makefile does not have", page, match[1])
			}
		}
	}
}

func TestEveryVerbAndFlagOfTheCommandLineInTheTextsExists(t *testing.T) {
	program := filepath.Join(t.TempDir(), "fashion")
	if out, err := exec.Command("go", "build", "-o", program, "./fashion/cmd/fashion").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	help := map[string]string{}
	check := func(page, name, rest string) {
		if _, ok := help[name]; !ok {
			out, err := exec.Command(program, "help", name).CombinedOutput()
			if err != nil {
				t.Errorf("%s has the verb %s: %v\n%s", page, name, err, out)
			}
			help[name] = string(out)
		}
		for _, match := range flag.FindAllStringSubmatch(rest, -1) {
			if !regexp.MustCompile(`-` + match[1] + `\b`).MatchString(help[name]) {
				t.Errorf("%s has fashion %s -%s, which help does not list", page, name, match[1])
			}
		}
	}
	for _, page := range pages(t) {
		for _, match := range command.FindAllStringSubmatch(read(t, page), -1) {
			check(page, match[1], match[2])
		}
	}
	page := "docs/command-line.md"
	list, _, _ := strings.Cut(read(t, page), "\nA **run**")
	for _, match := range verb.FindAllStringSubmatch(list, -1) {
		check(page, match[1], match[2])
	}
	if len(help) < 10 {
		t.Errorf("found %d verbs, want all ten", len(help))
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

func TestEveryLinkBetweenTheTextsLeadsSomewhere(t *testing.T) {
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(read(t, page), -1) {
			address, err := url.Parse(match[1])
			if err != nil || address.Scheme != "" {
				continue
			}
			file := page
			if address.Path != "" {
				file = filepath.Join(filepath.Dir(page), address.Path)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
				continue
			}
			if address.Fragment != "" && !slices.Contains(anchors(read(t, file)), address.Fragment) {
				t.Errorf("%s links to %s, and %s has no such heading: %q", page, match[1], file, anchors(read(t, file)))
			}
		}
	}
}

// anchors returns the fragments by which GitHub names the headings of a page.
func anchors(text string) []string {
	var found []string
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		name := strings.ReplaceAll(strings.ToLower(match[1]), " ", "-")
		found = append(found, regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(name, ""))
	}
	return found
}
