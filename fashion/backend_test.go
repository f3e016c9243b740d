package fashion

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onEachBackend runs a test on the Go backend and on XLA. Where no XLA plugin
// is installed the XLA part is skipped, unless FASHION_REQUIRE_XLA is set.
func onEachBackend(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	configs := []struct{ name, config string }{{"go", "go"}, {"xla", xlaConfig()}}
	for _, c := range configs {
		t.Run(c.name, func(t *testing.T) {
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

// xlaConfig is the configuration of the installed XLA plugin, or "".
func xlaConfig() string {
	if config := ChooseBackend().Config; strings.HasPrefix(config, "xla") {
		return config
	}
	if plugin := findPlugin(); plugin != "" {
		return pluginConfig(plugin)
	}
	return ""
}

func TestChooseBackendTakesXLAOnTheCPUForTheInstalledPlugin(t *testing.T) {
	folder := t.TempDir()
	plugin := filepath.Join(folder, "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(plugin, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", folder)
	for _, config := range []string{"xla", "xla:cpu"} {
		t.Setenv("GOMLX_BACKEND", config)
		choice := ChooseBackend()
		if choice.Config != "xla:"+plugin+",shared_buffers" {
			t.Errorf("GOMLX_BACKEND=%s chose %q, want the plugin %s", config, choice.Config, plugin)
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

func TestChooseBackendFindsAPluginAboveTheWorkingDirectory(t *testing.T) {
	root := t.TempDir()
	plugin := filepath.Join(root, ".venv", "lib", "python3.11", "site-packages", "xla_plugins", "xla_cpu_pjrt", "xla_cpu_pjrt.so")
	deep := filepath.Join(root, "a folder", "notebooks")
	for _, dir := range []string{filepath.Dir(plugin), deep} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(plugin, []byte("not loaded here"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMLX_BACKEND", "")
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "")
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("HOME", root)
	t.Chdir(deep)
	if choice := ChooseBackend(); !strings.Contains(choice.Config, "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so") {
		t.Errorf("chose %v, want the plugin in %s", choice, plugin)
	}
}

func TestChooseBackendSaysHowToGetXLAWhenItTakesGo(t *testing.T) {
	if _, err := os.Stat("/usr/local/lib/go-xla"); err == nil {
		t.Skip("a plugin is installed for all users")
	}
	t.Setenv("GOMLX_BACKEND", "")
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "")
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	choice := ChooseBackend()
	if choice.Config != "go" || !strings.Contains(choice.String(), "make setup") {
		t.Errorf("chose %v, want go with the command that installs XLA", choice)
	}
}

func TestOpenBackendExplainsWhatCannotBeStarted(t *testing.T) {
	for _, config := range []string{"nonsense", "xla:/no/such/plugin.so"} {
		_, err := OpenBackend(config)
		if err == nil {
			t.Fatalf("backend %q started", config)
		}
		if !strings.Contains(err.Error(), config) || !strings.Contains(err.Error(), "GOMLX_BACKEND=go") {
			t.Errorf("backend %q: error %q names neither it nor the way out", config, err)
		}
	}
}

func TestOpenBackendGivesXLAOnlyTheFlagsThatAPluginKnows(t *testing.T) {
	const known = "xla:/a b/.venv/lib/python3.11/site-packages/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so,shared_buffers"
	for _, c := range []struct{ config, given, want string }{
		{known, "", pluginsInVenv[0].flags},
		{known, "--xla_cpu_use_onednn=false", pluginsInVenv[0].flags + " --xla_cpu_use_onednn=false"},
		{known, pluginsInVenv[0].flags, pluginsInVenv[0].flags},
		{"xla:/elsewhere/pjrt_c_api_cpu_plugin.so", "", ""},
		{"xla:cuda", "--mine", "--mine"},
		{"go", "", ""},
	} {
		t.Setenv("XLA_FLAGS", c.given)
		if err := setXLAFlags(c.config); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv("XLA_FLAGS"); got != c.want {
			t.Errorf("%s with XLA_FLAGS=%q: got %q, want %q", c.config, c.given, got, c.want)
		}
	}
}
