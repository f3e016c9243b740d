// Package plugin finds XLA's CPU plugin, which is a shared library, and makes sure before
// it is loaded that it starts: what goes wrong inside of it ends the process.
package plugin

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute"
)

const (
	// Runs says whether go-xla supports the platform.
	Runs = runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") ||
		runtime.GOOS == "darwin" && runtime.GOARCH == "arm64" || runtime.GOOS == "windows" && runtime.GOARCH == "amd64"
	// SetupInstalls says whether `make setup` has a plugin for the platform.
	SetupInstalls = runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")
)

// inVenv are the plugins that Python packages bring, best first: the first that
// a platform has is what `make setup` installs. PERFORMANCE.md has the measurements
// behind the order and the flags.
var inVenv = []venvFile{
	// oneDNN computes convolutions of few channels faster than XLA's own code, and this
	// plugin is built with it.
	{"lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so", "--xla_cpu_use_onednn=true --xla_cpu_experimental_onednn_custom_call=true"},
	{"xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so", ""},
}

// venvFile is a plugin's path in site-packages, and the flags that it gets.
type venvFile struct{ path, flags string }

// IsXLA says whether a configuration begins with one of XLA's names in GoMLX.
func IsXLA(kind string) bool {
	return slices.Contains([]string{"xla", "stablehlo", "hlo", "shlo"}, kind)
}

// Config is a plugin's configuration in GoMLX's syntax. Shared buffers save copies
// between Go and XLA, which on a CPU use the same memory.
func Config(plugin string) string { return "xla:" + plugin + ",shared_buffers" }

// Title is a plugin's package, or its file for one outside of Python.
func Title(path string) string {
	if dir := filepath.Dir(path); strings.Contains(dir, "site-packages") {
		return filepath.Base(dir)
	}
	return path
}

// Find returns the absolute path of an XLA CPU plugin, or "". It also looks into the
// Python environment .venv of each of the given folders.
func Find(folders ...string) string {
	var candidates []string
	for _, dir := range filepath.SplitList(os.Getenv("PJRT_PLUGIN_LIBRARY_PATH")) {
		candidates = append(candidates, inFolder(dir)...)
	}
	for _, venv := range venvs(folders) {
		versions := entries(filepath.Join(venv, "lib"), func(name string) bool { return strings.HasPrefix(name, "python3") })
		for _, plugin := range inVenv {
			for _, version := range versions {
				candidates = append(candidates, filepath.Join(version, "site-packages", filepath.FromSlash(plugin.path)))
			}
		}
	}
	candidates = append(candidates, inFolder("/usr/local/lib/go-xla")...)
	if home, err := os.UserHomeDir(); err == nil {
		if runtime.GOOS == "darwin" {
			candidates = append(candidates, inFolder(filepath.Join(home, "Library", "Application Support", "go-xla"))...)
		}
		candidates = append(candidates, inFolder(filepath.Join(home, ".local", "lib", "go-xla"))...)
	}
	for _, candidate := range candidates {
		if info, err := os.Stat(candidate); err != nil || info.IsDir() {
			continue
		}
		if path, err := filepath.Abs(candidate); err == nil {
			return path
		}
	}
	return ""
}

// venvs are the Python environments in which a plugin may be, nearest first.
func venvs(folders []string) []string {
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
	for _, root := range folders {
		venvs = append(venvs, filepath.Join(root, ".venv"))
	}
	return venvs
}

// inFolder lists the CPU plugins in a folder. go-xla leaves lock files beside its own,
// which begin as they do.
func inFolder(dir string) []string {
	if dir == "" {
		return nil
	}
	return entries(dir, func(name string) bool {
		return strings.HasPrefix(name, "pjrt_c_api_cpu") && (strings.HasSuffix(name, "plugin.so") || strings.HasSuffix(name, "plugin.dylib"))
	})
}

// entries lists the paths in a folder whose names are wanted, the last name first, which
// of several versions is the newest. It reads the folder, since in a pattern for
// filepath.Glob the characters of the folder's own name count. No folder has no entries.
func entries(dir string, want func(name string) bool) []string {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, entry := range slices.Backward(list) {
		if want(entry.Name()) {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}

// fileOf returns the plugin's file that a configuration names, or "", and the options
// behind it. Commas separate options in GoMLX's syntax; those in the name of a file that
// is there belong to it.
func fileOf(config string) (path, options string) {
	kind, rest, _ := strings.Cut(config, ":")
	if !IsXLA(kind) || !filepath.IsAbs(rest) {
		return "", ""
	}
	for path = rest; ; path = path[:strings.LastIndex(path, ",")] {
		if _, err := os.Stat(path); err == nil {
			return path, rest[len(path):]
		}
		if !strings.Contains(path, ",") {
			path, options, _ = strings.Cut(rest, ",")
			return path, options
		}
	}
}

// Start starts the backend that a configuration names and makes sure before that its
// plugin, if it has one, will not end the process.
func Start(config string) (backend compute.Backend, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if kind, _, _ := strings.Cut(config, ":"); !IsXLA(kind) {
		return compute.NewWithConfig(config)
	}
	plugin, options := fileOf(config)
	if plugin != "" {
		if err := check(plugin); err != nil {
			return nil, err
		}
	}
	if err := tryFlags(config); err != nil {
		return nil, err
	}
	if err := setFlags(plugin); err != nil {
		return nil, err
	}
	if plugin == "" {
		backend, err := compute.NewWithConfig(config)
		if err != nil && (strings.Contains(err.Error(), "no plugins found") || strings.Contains(err.Error(), "not found: available plugins")) {
			// go-xla's text is for those who write programs.
			return nil, fmt.Errorf("no XLA plugin of that name is installed; $%s=xla:/path/plugin.so names a file", compute.ConfigEnvVar)
		}
		return backend, err
	}
	if !strings.Contains(plugin, ",") {
		return compute.NewWithConfig(config)
	}
	// go-xla takes no path with a comma, neither by its Go functions: it gets a link.
	links, err := os.MkdirTemp("", "fashion-plugin-")
	if err != nil {
		return nil, fmt.Errorf("make a link to the plugin: %w", err)
	}
	defer func() { _ = os.RemoveAll(links) }() // a loaded library needs its name no more
	link := filepath.Join(links, strings.ReplaceAll(filepath.Base(plugin), ",", "_"))
	if strings.Contains(links, ",") {
		return nil, fmt.Errorf("neither the plugin's folder nor that for temporary files, %s, may have a comma in its name: set TMPDIR to another", links)
	}
	if err := os.Symlink(plugin, link); err != nil {
		return nil, fmt.Errorf("make a link to the plugin: %w", err)
	}
	return compute.NewWithConfig("xla:" + link + options)
}

// elfMachines are the names of processors in ELF files by Go's names.
var elfMachines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// check says what is wrong with a plugin's file. The system's loader ends the
// process over a file that was cut short.
func check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return nil // the loader's own errors must do
	}
	const remedy = "install it anew"
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	file, err := elf.Open(path)
	if err != nil {
		if magic, readErr := readStart(path, len(elf.ELFMAG)); readErr == nil && string(magic) == elf.ELFMAG {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("the plugin %s is damaged: its end is missing; %s", path, remedy)
			}
			return fmt.Errorf("the plugin %s is damaged: %w; %s", path, err, remedy)
		}
		return fmt.Errorf("%s is not a shared library, so it is no plugin of XLA", path)
	}
	defer func() { _ = file.Close() }()
	if want := elfMachines[runtime.GOARCH]; file.Machine != want {
		return fmt.Errorf("the plugin %s is for another processor (%v, this program runs on %v); %s", path, file.Machine, want, remedy)
	}
	for _, part := range file.Progs {
		if end := part.Off + part.Filesz; end > uint64(info.Size()) {
			return fmt.Errorf("the plugin %s is damaged: it has %d bytes of at least %d; %s", path, info.Size(), end, remedy)
		}
	}
	symbols, err := file.DynamicSymbols()
	isEntry := func(s elf.Symbol) bool { return s.Name == "GetPjrtApi" }
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) || !slices.ContainsFunc(symbols, isEntry) {
		return fmt.Errorf("%s is no plugin of XLA: it has no function GetPjrtApi", path)
	}
	return nil
}

// readStart reads the first bytes of a file.
func readStart(path string, n int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	start := make([]byte, n)
	_, err = file.Read(start)
	return start, err
}

// flagsVariable is the environment variable from which XLA reads its flags when it starts.
const flagsVariable = "XLA_FLAGS"

// setFlags gives XLA the flags of a plugin. Those that the user has set come last, so
// that they count. Other plugins get none: XLA ends the process over a flag that it does
// not know.
func setFlags(path string) error {
	given := os.Getenv(flagsVariable)
	if given != "" && !strings.HasPrefix(strings.TrimSpace(given), "-") {
		return nil // the name of a file that holds all flags
	}
	for _, plugin := range inVenv {
		if plugin.flags == "" || !strings.HasSuffix(filepath.ToSlash(path), "/"+plugin.path) || strings.Contains(given, plugin.flags) {
			continue
		}
		return os.Setenv(flagsVariable, strings.TrimSpace(plugin.flags+" "+given))
	}
	return nil
}

// tryVariable, in the environment of a program with this package, makes it start the
// backend of that configuration, and end: see tryFlags.
const tryVariable = "FASHION_TRY_BACKEND"

func init() {
	if config, ok := os.LookupEnv(tryVariable); ok {
		_, _ = Start(config) // an error is for the program itself to report: only an abort is of interest
		os.Exit(0)
	}
}

// fatal is how XLA's last words begin: a letter, date, time, thread and place.
var fatal = regexp.MustCompile(`(?m)^F\d{4} .*?\] (?:Check failed: .*\) )?(.*)$`)

// tryFlags says what XLA has against the flags that the user has set. It aborts over
// them, so that another process tries them, this program itself; without flags of the
// user nothing is tried.
func tryFlags(config string) error {
	given := os.Getenv(flagsVariable)
	_, trying := os.LookupEnv(tryVariable)
	ours := func(plugin venvFile) bool { return plugin.flags == given }
	if given == "" || trying || slices.ContainsFunc(inVenv, ours) {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return nil // it cannot be tried
	}
	try := exec.Command(program)
	try.Env = append(os.Environ(), tryVariable+"="+config)
	var says bytes.Buffer
	try.Stderr = &says
	if err := try.Run(); !errors.As(err, new(*exec.ExitError)) {
		return nil // it started, or could not be tried
	}
	reason := "it ends at once"
	if found := fatal.FindStringSubmatch(says.String()); found != nil {
		reason = strings.TrimSpace(found[1])
	}
	return fmt.Errorf("XLA does not take %s=%q: %s; correct or unset it", flagsVariable, given, strings.TrimRight(reason, "."))
}
