package fashion

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // the Go backend; internal/plugin has XLA

	"fashionlab/fashion/internal/engine"
	"fashionlab/fashion/internal/plugin"
	"fashionlab/fashion/internal/repository"
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
	case !plugin.IsXLA(kind):
		return kind
	case filepath.IsAbs(rest) || rest == "" || rest == "cpu":
		return "XLA"
	}
	return "XLA (" + rest + ")"
}

// ChooseBackend picks, in this order: what $GOMLX_BACKEND says ("xla:cpu" means the
// installed CPU plugin), an XLA CPU plugin that is installed, GoMLX's Go backend. Plugins are looked for in
// $PJRT_PLUGIN_LIBRARY_PATH, in the Python environment $VIRTUAL_ENV, in a
// .venv in the working directory or above it, in that of the course's repository from
// which the program was compiled, and where go-xla installs its own. Nothing is downloaded.
func ChooseBackend() BackendChoice {
	config := os.Getenv(compute.ConfigEnvVar)
	installed := config == "xla" || config == "xla:cpu" // go-xla itself would not look into Python's environment
	if plugin.Linked && (config == "" || installed) {
		if file := plugin.Find(repository.Folders()...); file != "" {
			reason := "the CPU plugin " + plugin.Title(file)
			if installed {
				reason = fmt.Sprintf("$%s=%s, %s", compute.ConfigEnvVar, config, reason)
			}
			return BackendChoice{plugin.Config(file), reason}
		}
	}
	reason := "set by $" + compute.ConfigEnvVar
	if config == "" {
		config, reason = "go", whyNoXLA()
	}
	if config == "go" {
		reason = engine.VectorInstructions + "; " + reason
	}
	return BackendChoice{config, reason}
}

// whyNoXLA says why XLA does not compute, and what changes that.
func whyNoXLA() string {
	return lackOfXLA(plugin.Runs, plugin.Linked, plugin.SetupInstalls && len(repository.Folders()) > 0)
}

// lackOfXLA is whyNoXLA for a platform on which XLA runs or not, a program that can load
// its plugins or not, and where `make setup` installs one or not.
func lackOfXLA(runs, linked, setup bool) string {
	switch {
	case !runs:
		return fmt.Sprintf("XLA is not there for %s on %s", runtime.GOOS, runtime.GOARCH)
	case !linked && setup:
		return "this program was built without a C compiler, so XLA is not used; for XLA, which trains several times faster, install gcc or clang, and run `make setup`"
	case !linked:
		return "this program was built without a C compiler, so XLA is not used; for XLA, which trains several times faster, install gcc or clang, and build it again"
	case setup:
		return "no XLA plugin found; `make setup` installs one, which trains several times faster"
	}
	return "no XLA plugin found; $" + compute.ConfigEnvVar + "=xla:/path/plugin.so names one"
}

// openBackend starts the backend of the given configuration, in GoMLX's syntax
// ("go", "xla:cuda", "xla:/path/plugin.so").
func openBackend(config string) (compute.Backend, error) {
	err := checkKind(config)
	if err == nil {
		var backend compute.Backend
		if backend, err = plugin.Start(config); err == nil {
			return backend, nil
		}
	}
	return nil, fmt.Errorf("backend %q does not start: %w; GOMLX_BACKEND=go uses the one that needs no plugin", config, err)
}

// checkKind refuses a backend that this program does not have.
func checkKind(config string) error {
	kind, _, _ := strings.Cut(config, ":")
	known := compute.List()
	slices.Sort(known)
	switch {
	case slices.Contains(known, kind):
		return nil
	case plugin.IsXLA(kind):
		return errors.New(whyNoXLA())
	}
	return fmt.Errorf("there is no backend %q; there are %s", kind, strings.Join(known, ", "))
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
		if backend, err = openBackend(choice.Config); err != nil {
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
