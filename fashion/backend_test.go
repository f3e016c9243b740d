package fashion

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fashionlab/fashion/internal/engine"
	"fashionlab/fashion/internal/plugin"
	"fashionlab/fashion/internal/repository"
)

// onEachBackend runs a test on the Go backend and on XLA. Where no XLA plugin
// is installed the XLA part is skipped, unless FASHION_REQUIRE_XLA is set.
func onEachBackend(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	configs := []struct{ name, config string }{{"go", "go"}, {"xla", xlaConfig()}}
	for _, c := range configs {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "xla" && raceDetector {
				t.Skip("the race detector does not see into XLA")
			}
			if c.config == "" {
				if os.Getenv("FASHION_REQUIRE_XLA") != "" {
					t.Fatal("no XLA plugin found: run make setup")
				}
				t.Skip("no XLA plugin found: run make setup to test it too")
			}
			useBackend(t, c.config)
			test(t)
		})
	}
}

// useBackend makes a backend the process's own until the test ends.
func useBackend(t *testing.T, config string) {
	t.Helper()
	backend, choice := theBackend.backend, theBackend.choice
	if err := UseBackend(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theBackend.backend, theBackend.choice = backend, choice })
}

// testBackend is $GOMLX_BACKEND as it was when the tests began: some set it.
// "go" skips what needs XLA.
var testBackend = os.Getenv("GOMLX_BACKEND")

// xlaConfig is the configuration of the installed XLA plugin, or "" if there is
// none or if the tests are to run on another backend.
func xlaConfig() string {
	if config := ChooseBackend().Config; strings.HasPrefix(config, "xla") {
		return config
	}
	if testBackend == "go" {
		return ""
	}
	if file := plugin.Find(repository.Folders()...); plugin.Linked && file != "" {
		return plugin.Config(file)
	}
	return ""
}

func TestChooseBackendTakesXLAOnTheCPUForTheInstalledPlugin(t *testing.T) {
	if !plugin.Linked {
		t.Skip("built without a C compiler")
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", folder)
	for _, config := range []string{"xla", "xla:cpu"} {
		t.Setenv("GOMLX_BACKEND", config)
		choice := ChooseBackend()
		if choice.Config != "xla:"+file+",shared_buffers" {
			t.Errorf("GOMLX_BACKEND=%s chose %q, want the plugin %s", config, choice.Config, file)
		}
		if !strings.Contains(choice.String(), "$GOMLX_BACKEND") {
			t.Errorf("%q does not say that the environment decided", choice)
		}
	}
}

func TestChooseBackendPrefersTheEnvironment(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "xla:cuda")
	choice := ChooseBackend()
	if choice.Config != "xla:cuda" || choice.Name() != "XLA (cuda)" {
		t.Errorf("chose %q named %q, want xla:cuda named XLA (cuda)", choice.Config, choice.Name())
	}
	if !strings.Contains(choice.String(), "$GOMLX_BACKEND") {
		t.Errorf("%q does not say that the environment decided", choice)
	}
}

func TestLackOfXLANamesMakeSetupOnlyWhereItHelps(t *testing.T) {
	for _, c := range []struct {
		runs, linked, setup bool
		says, omits         string
	}{
		{true, true, true, "`make setup` installs one", "compiler"},
		{true, true, false, "GOMLX_BACKEND=xla:/path/plugin.so", "make setup"},
		{true, false, true, "install gcc or clang, and run `make setup`", "no XLA plugin found"},
		{true, false, false, "install gcc or clang, and build it again", "make setup"},
		{false, false, false, "XLA is not available for", "make setup"},
	} {
		text := lackOfXLA(c.runs, c.linked, c.setup)
		if !strings.Contains(text, c.says) || strings.Contains(text, c.omits) {
			t.Errorf("%+v: %q", c, text)
		}
	}
}

func TestChooseBackendSaysWhetherTheGoBackendUsesVectorInstructions(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	if choice := ChooseBackend(); !strings.Contains(choice.String(), engine.VectorInstructions) {
		t.Errorf("%q does not say %q", choice, engine.VectorInstructions)
	}
}

func TestUseBackendExplainsWhatCannotBeStarted(t *testing.T) {
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
	for _, c := range []struct{ config, says string }{
		{"quantum", "want one of go"},
		{"XLA:cpu", "want one of go"},
		{"xla:/no/such/plugin.so", "/no/such/plugin.so"},
		{"xla:no-such-device", "no XLA plugin of that name"},
	} {
		err := UseBackend(c.config)
		if err == nil {
			t.Fatalf("backend %q started", c.config)
		}
		for _, part := range []string{c.config, c.says, "GOMLX_BACKEND=go"} {
			if !strings.Contains(err.Error(), part) && (plugin.Linked || part != c.says) {
				t.Errorf("backend %q: error %q does not hold %q", c.config, err, part)
			}
		}
	}
	if name := (BackendChoice{Config: "quantum"}).Name(); name != "quantum" {
		t.Errorf("backend quantum is named %q", name)
	}
}
