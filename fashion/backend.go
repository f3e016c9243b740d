package fashion

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/gomlx/backends/default" // registers XLA and the Go backend
)

// BackendChoice says which backend would compute, and why. Choosing starts
// nothing.
type BackendChoice struct {
	// Config is in GoMLX's own syntax, such as "go" or "xla:/path/plugin.so".
	Config string
	// Reason completes the sentence "backend X: …".
	Reason string
}

// String is one line: what was chosen and why.
func (c BackendChoice) String() string {
	return fmt.Sprintf("backend %s: %s", c.Name(), c.Reason)
}

// Name is short: "XLA", "XLA (cuda)" or "Go".
func (c BackendChoice) Name() string {
	kind, rest, _ := strings.Cut(c.Config, ":")
	switch {
	case kind == "go":
		return "Go"
	case filepath.IsAbs(rest) || rest == "" || rest == "cpu":
		return "XLA"
	}
	return "XLA (" + rest + ")"
}

// ChooseBackend picks, in this order: what $GOMLX_BACKEND says ("xla:cpu" means the
// installed CPU plugin), an XLA CPU plugin that is installed, GoMLX's Go backend. Plugins are looked for in
// $PJRT_PLUGIN_LIBRARY_PATH, in the Python environment $VIRTUAL_ENV, in a
// .venv in the working directory or above it, and where go-xla installs its
// own. Nothing is downloaded.
func ChooseBackend() BackendChoice {
	config := os.Getenv(compute.ConfigEnvVar)
	installed := config == "xla" || config == "xla:cpu" // go-xla itself would not look into Python's environment
	if config == "" || installed {
		if plugin := findPlugin(); plugin != "" {
			reason := "the CPU plugin " + pluginTitle(plugin)
			if installed {
				reason = fmt.Sprintf("$%s=%s, %s", compute.ConfigEnvVar, config, reason)
			}
			return BackendChoice{pluginConfig(plugin), reason}
		}
	}
	if config != "" {
		return BackendChoice{config, "set by $" + compute.ConfigEnvVar}
	}
	return BackendChoice{"go", "no XLA plugin found; `make setup` installs one, which trains several times faster"}
}

// pluginsInVenv are the plugins that Python packages bring, best first: the first that
// a platform has is what `make setup` installs. PERFORMANCE.md has the measurements
// behind the order and the flags.
var pluginsInVenv = []struct{ path, flags string }{
	// oneDNN computes convolutions of few channels faster than XLA's own code, and this
	// plugin is built with it.
	{"lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so", "--xla_cpu_use_onednn=true --xla_cpu_experimental_onednn_custom_call=true"},
	{"xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so", ""},
}

// setXLAFlags gives XLA the flags of a plugin, in the environment variable from which it
// reads them when it starts. Those that the user has set come last, so that they count.
// Other plugins get none: XLA ends the process over a flag that it does not know.
func setXLAFlags(config string) error {
	const variable = "XLA_FLAGS"
	path, _, _ := strings.Cut(strings.TrimPrefix(config, "xla:"), ",")
	for _, plugin := range pluginsInVenv {
		given := os.Getenv(variable)
		if plugin.flags == "" || !strings.HasSuffix(filepath.ToSlash(path), "/"+plugin.path) || strings.Contains(given, plugin.flags) {
			continue
		}
		return os.Setenv(variable, strings.TrimSpace(plugin.flags+" "+given))
	}
	return nil
}

// pluginConfig is a plugin's configuration in GoMLX's syntax. Shared buffers save copies
// between Go and XLA, which on a CPU use the same memory.
func pluginConfig(plugin string) string { return "xla:" + plugin + ",shared_buffers" }

// pluginTitle is a plugin's package, or its file for one outside of Python.
func pluginTitle(path string) string {
	if dir := filepath.Dir(path); strings.Contains(dir, "site-packages") {
		return filepath.Base(dir)
	}
	return path
}

// findPlugin returns the absolute path of an XLA CPU plugin, or "".
func findPlugin() string {
	var patterns []string
	for _, dir := range filepath.SplitList(os.Getenv("PJRT_PLUGIN_LIBRARY_PATH")) {
		patterns = append(patterns, filepath.Join(dir, "pjrt_c_api_cpu*plugin.so"))
	}
	var venvs []string
	if venv := os.Getenv("VIRTUAL_ENV"); venv != "" {
		venvs = append(venvs, venv)
	}
	if dir, err := os.Getwd(); err == nil {
		for ; ; dir = filepath.Dir(dir) {
			venvs = append(venvs, filepath.Join(dir, ".venv"))
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	for _, venv := range venvs {
		for _, plugin := range pluginsInVenv {
			patterns = append(patterns, filepath.Join(venv, "lib", "python3*", "site-packages", filepath.FromSlash(plugin.path)))
		}
	}
	dirs := []string{"/usr/local/lib/go-xla"}
	if home, err := os.UserHomeDir(); err == nil {
		if runtime.GOOS == "darwin" {
			dirs = append(dirs, filepath.Join(home, "Library", "Application Support", "go-xla"))
		}
		dirs = append(dirs, filepath.Join(home, ".local", "lib", "go-xla"))
	}
	for _, dir := range dirs {
		// Not "plugin.*": go-xla leaves lock files beside its plugins.
		patterns = append(patterns, filepath.Join(dir, "pjrt_c_api_cpu*plugin.so"), filepath.Join(dir, "pjrt_c_api_cpu*plugin.dylib"))
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			continue // a bad pattern can only come from an odd path: nothing is there
		}
		sort.Strings(found)
		if path, err := filepath.Abs(found[len(found)-1]); err == nil {
			return path
		}
	}
	return ""
}

// OpenBackend starts the backend of the given configuration, in GoMLX's syntax
// ("go", "xla:cuda", "xla:/path/plugin.so").
func OpenBackend(config string) (backend compute.Backend, err error) {
	defer func() {
		if r := recover(); r != nil { // GoMLX panics on unknown names
			err = fmt.Errorf("%v", r)
		}
		if err != nil {
			err = fmt.Errorf("start backend %q: %w; GOMLX_BACKEND=go uses the one that needs no plugin", config, err)
		}
	}()
	if err := setXLAFlags(config); err != nil {
		return nil, err
	}
	return compute.NewWithConfig(config)
}

// theBackend is the process's backend, started by the first computation.
// opened keeps the backends by configuration: a plugin is started once.
var theBackend struct {
	sync.Mutex
	backend compute.Backend
	choice  BackendChoice
	opened  map[string]compute.Backend
}

// setBackend starts a backend, or takes it from those that are started, and
// makes it the process's own. The caller holds the lock.
func setBackend(choice BackendChoice) error {
	backend, ok := theBackend.opened[choice.Config]
	if !ok {
		var err error
		if backend, err = OpenBackend(choice.Config); err != nil {
			return err
		}
		if theBackend.opened == nil {
			theBackend.opened = map[string]compute.Backend{}
		}
		theBackend.opened[choice.Config] = backend
	}
	theBackend.backend, theBackend.choice = backend, choice
	return nil
}

// DefaultBackend starts the backend that ChooseBackend picks, once in a
// process, and returns it with the choice.
func DefaultBackend() (compute.Backend, BackendChoice, error) {
	theBackend.Lock()
	defer theBackend.Unlock()
	if theBackend.backend == nil {
		choice := ChooseBackend()
		if err := setBackend(choice); err != nil {
			return nil, choice, err
		}
	}
	return theBackend.backend, theBackend.choice, nil
}

// UseBackend makes the backend of the given configuration the process's own,
// in place of the one that ChooseBackend would pick.
func UseBackend(config string) error {
	theBackend.Lock()
	defer theBackend.Unlock()
	return setBackend(BackendChoice{config, "chosen by the program"})
}
