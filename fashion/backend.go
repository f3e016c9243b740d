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

// BackendChoice is the backend that was chosen, and the reason. Choosing a
// backend does not start it.
type BackendChoice struct {
	// Config is the configuration in GoMLX's syntax, such as "go" or
	// "xla:/path/plugin.so".
	Config string
	// Reason completes the sentence "backend X: …".
	Reason string
	// Devices is the number of devices over which the images of a batch are divided. It is 0
	// before the backend has started.
	Devices int
}

// String returns one line with the backend, the reason for it and the number of devices, if
// there are several.
func (c BackendChoice) String() string {
	line := fmt.Sprintf("backend %s: %s", c.Name(), c.Reason)
	if c.Devices > 1 {
		line += fmt.Sprintf("; %d devices", c.Devices)
	}
	return line
}

// Name returns a short name: "XLA", "XLA (cuda)" or "Go".
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

// ChooseBackend chooses the first of these that is available:
//
//   - the backend that GOMLX_BACKEND names ("xla:cpu" means the installed CPU plugin);
//   - an installed XLA plugin for the CPU;
//   - GoMLX's Go backend.
//
// It looks for plugins in PJRT_PLUGIN_LIBRARY_PATH, in the Python environment
// VIRTUAL_ENV, in a .venv in the working directory or above it, in the .venv of the
// course's repository from which the program was compiled, and in the folders where
// go-xla installs its plugins. It downloads nothing.
func ChooseBackend() BackendChoice {
	config := os.Getenv(compute.ConfigEnvVar)
	installed := config == "xla" || config == "xla:cpu" // go-xla does not search Python environments
	if plugin.Linked && (config == "" || installed) {
		if file := plugin.Find(repository.Folders()...); file != "" {
			reason := "the CPU plugin " + plugin.Title(file)
			if installed {
				reason = fmt.Sprintf("$%s=%s, %s", compute.ConfigEnvVar, config, reason)
			}
			return BackendChoice{Config: plugin.Config(file), Reason: reason}
		}
	}
	reason := "set by $" + compute.ConfigEnvVar
	if config == "" {
		config, reason = "go", whyNoXLA()
	}
	if config == "go" {
		reason = engine.VectorInstructions + "; " + reason
		if os.Getenv(devicesVariable) != "" {
			reason += "; it has one device, so " + devicesVariable + " has no effect"
		}
	}
	return BackendChoice{Config: config, Reason: reason}
}

// whyNoXLA explains why XLA is not used, and how to change that.
func whyNoXLA() string {
	return lackOfXLA(plugin.Runs, plugin.Linked, plugin.SetupInstalls && len(repository.Folders()) > 0)
}

// lackOfXLA is whyNoXLA for all platforms and programs: runs tells whether XLA supports
// the platform, linked whether the program can load plugins, and setup whether `make
// setup` installs one.
func lackOfXLA(runs, linked, setup bool) string {
	switch {
	case !runs:
		return fmt.Sprintf("XLA is not available for %s on %s", runtime.GOOS, runtime.GOARCH)
	case !linked && setup:
		return "this program was built without a C compiler, so XLA is not used; for XLA, which trains several times faster, install gcc or clang, and run `make setup`"
	case !linked:
		return "this program was built without a C compiler, so XLA is not used; for XLA, which trains several times faster, install gcc or clang, and build it again"
	case setup:
		return "no XLA plugin found; `make setup` installs one, which trains several times faster"
	}
	return "no XLA plugin found; $" + compute.ConfigEnvVar + "=xla:/path/plugin.so names one"
}

// openBackend starts the backend with the given configuration in GoMLX's syntax
// ("go", "xla:cuda", "xla:/path/plugin.so").
func openBackend(config string) (openedBackend, error) {
	devices, err := chooseDevices(config)
	if err != nil {
		return openedBackend{}, err
	}
	if err = checkKind(config); err == nil {
		var backend compute.Backend
		if backend, err = plugin.Start(config, devices); err == nil {
			return openedBackend{backend, devices}, checkDevices(backend.NumDevices(), devices)
		}
	}
	return openedBackend{}, fmt.Errorf("backend %q does not start: %w; GOMLX_BACKEND=go selects the backend that needs no plugin", config, err)
}

// checkKind returns an error for a backend that this program does not have.
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
	return fmt.Errorf("backend %q, want one of %s", kind, strings.Join(known, ", "))
}

// theBackend is the backend of this process; the first computation starts it.
// opened holds the started backends by configuration, since a plugin can be
// started only once.
var theBackend struct {
	sync.Mutex
	backend compute.Backend
	choice  BackendChoice
	opened  map[string]openedBackend
}

// openedBackend is a started backend and the number of its devices to use.
type openedBackend struct {
	compute.Backend
	devices int
}

// setBackend makes a backend that of the process, and starts it if it is not
// running. The caller holds the lock.
func setBackend(choice BackendChoice) error {
	opened, ok := theBackend.opened[choice.Config]
	if !ok {
		var err error
		if opened, err = openBackend(choice.Config); err != nil {
			return err
		}
		if theBackend.opened == nil {
			theBackend.opened = map[string]openedBackend{}
		}
		theBackend.opened[choice.Config] = opened
	}
	choice.Devices = opened.devices
	theBackend.backend, theBackend.choice = opened.Backend, choice
	return nil
}

// DefaultBackend returns the backend of this process, and how it was chosen. The
// first call starts the backend that ChooseBackend chooses.
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

// UseBackend makes the backend with the given configuration, in GoMLX's syntax, the
// backend of this process, instead of the one that ChooseBackend chooses. It starts
// the backend. If that fails, the backend in use does not change.
func UseBackend(config string) error {
	theBackend.Lock()
	defer theBackend.Unlock()
	return setBackend(BackendChoice{Config: config, Reason: "chosen by the program"})
}
