package fashion

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// required finds a program of the tests of the page. Without it they are skipped, unless
// FASHION_REQUIRE_BROWSER is set.
func required(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, names[0])
	return ""
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("FASHION_REQUIRE_BROWSER") != "" {
		t.Fatalf("no %s found (CONTRIBUTING.md)", what)
	}
	t.Skipf("no %s found", what)
}

// savedPage writes a page with images and returns its path.
func savedPage(t *testing.T, net *Network, images []Image) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := net.SavePage(path, Page{Images: images, Note: "a note <&>"}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestThePagesProgramComputesInNodeWhatTheLibraryDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles to WebAssembly")
	}
	node := required(t, "node")
	images := testImages(t, 100)
	var pixels []byte
	for _, image := range images {
		pixels = append(pixels, image.Pixels...)
	}
	all := references(t, images)
	names := append(slices.Clone(ModelNames()), append(RecipeNames(), "every layer")...)
	arguments := []string{filepath.Join("testdata", "browser", "compute.mjs"), savedPage(t, all[names[0]].net, nil)}
	for i, name := range names[1:] {
		lowered, err := all[name].net.lowered()
		if err != nil {
			t.Fatal(err)
		}
		content, err := lowered.Encode()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), string(rune('a'+i)))
		testfiles.Write(t, file, content)
		arguments = append(arguments, file)
	}
	command := exec.Command(node, arguments...)
	command.Stdin = bytes.NewReader(pixels)
	var log bytes.Buffer
	command.Stderr = &log
	out, err := command.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, log.String())
	}
	var computed struct {
		Program int
		Results []struct {
			Logits        [][]float32
			Maps          []json.RawMessage
			Predict, Look float64
		}
	}
	if err := json.Unmarshal(out, &computed); err != nil {
		t.Fatal(err)
	}
	if len(computed.Results) != len(names) {
		t.Fatalf("%d results, want %d", len(computed.Results), len(names))
	}
	t.Logf("the program has %d bytes", computed.Program)
	for i, name := range names {
		r := computed.Results[i]
		if len(r.Logits) != len(images) {
			t.Fatalf("%s: %d results, want %d", name, len(r.Logits), len(images))
		}
		var maps [][]float32
		for _, text := range r.Maps {
			if name == "softmax" {
				if !strings.Contains(string(text), "no feature maps") {
					t.Errorf("softmax: a map %s, want an error", text)
				}
				continue
			}
			var places []float32
			if err := json.Unmarshal(text, &places); err != nil {
				t.Fatalf("%s: %v: %s", name, err, text)
			}
			maps = append(maps, places)
		}
		all[name].compare(t, name, r.Logits, maps)
		t.Logf("%s: %.1f ms for an image, %.1f ms for where it looks", name, r.Predict, r.Look)
	}
}

func TestAPageThatCannotBeMadeIsAnErrorAndHarmsNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	testfiles.Write(t, path, []byte("old"))
	net := initialised(t, SoftmaxRegression())
	viewed, err := net.WithViews(FlipViews()...)
	if err != nil {
		t.Fatal(err)
	}
	for want, save := range map[string]func() error{
		"2 views":  func() error { return viewed.SavePage(path, Page{}) },
		"3 pixels": func() error { return net.SavePage(path, Page{Images: []Image{{Pixels: []byte{1, 2, 3}}}}) },
		"label -1": func() error {
			return net.SavePage(path, Page{Images: []Image{{Pixels: make([]byte, ImagePixels), Label: -1}}})
		},
		"the command go is not in PATH": func() error {
			t.Setenv("PATH", t.TempDir())
			return net.SavePage(path, Page{})
		},
	} {
		if err := save(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
	if got := testfiles.Read(t, path); string(got) != "old" {
		t.Errorf("the file holds %d bytes, want the old ones", len(got))
	}
}
