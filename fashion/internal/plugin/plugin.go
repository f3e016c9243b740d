// Package plugin finds XLA's CPU plugin, which is a shared library, and starts it. It checks
// beforehand that the plugin can start, since an error inside of the plugin ends the process.
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
	// Runs reports whether go-xla supports the platform.
	Runs = runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") ||
		runtime.GOOS == "darwin" && runtime.GOARCH == "arm64" || runtime.GOOS == "windows" && runtime.GOARCH == "amd64"
	// SetupInstalls reports whether `make setup` installs a plugin for the platform.
	SetupInstalls = runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")
)

// inVenv lists the plugins in Python packages, the fastest first; `make setup` installs the
// first that exists for the platform. PERFORMANCE.md has the measurements for the order and
// the flags.
var inVenv = []venvFile{
	// This plugin contains oneDNN, whose convolutions and products are faster than those of XLA
	// and of YNNPACK. YNNPACK keeps the sums.
	{"lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so", "--xla_cpu_use_onednn=true --xla_cpu_experimental_onednn_custom_call=true --xla_cpu_experimental_ynn_fusion_type=LIBRARY_FUSION_TYPE_REDUCE"},
	{"xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so", ""},
}

// venvFile is a plugin's path in site-packages, and the XLA flags for it.
type venvFile struct{ path, flags string }

// IsXLA reports whether kind, the first part of a configuration, is one of GoMLX's names for
// XLA.
func IsXLA(kind string) bool {
	return slices.Contains([]string{"xla", "stablehlo", "hlo", "shlo"}, kind)
}

// Config returns a plugin's configuration in GoMLX's syntax. Shared buffers avoid copies
// between Go and XLA, which use the same memory on a CPU.
func Config(plugin string) string { return "xla:" + plugin + ",shared_buffers" }

// Title returns the Python package of a plugin, or the path of a plugin outside of Python.
func Title(path string) string {
	if dir := filepath.Dir(path); strings.Contains(dir, "site-packages") {
		return filepath.Base(dir)
	}
	return path
}

// Find returns the absolute path of an XLA CPU plugin, or "" if there is none. It also
// searches the Python environment .venv in each of the given folders.
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

// venvs returns the Python environments to search for a plugin, the nearest first.
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

// inFolder returns the CPU plugins in a folder. It ignores go-xla's lock files, whose names
// begin in the same way.
func inFolder(dir string) []string {
	if dir == "" {
		return nil
	}
	return entries(dir, func(name string) bool {
		return strings.HasPrefix(name, "pjrt_c_api_cpu") && (strings.HasSuffix(name, "plugin.so") || strings.HasSuffix(name, "plugin.dylib"))
	})
}

// entries returns the paths in a folder for whose names want returns true, the last name
// first, which is the newest of several versions. filepath.Glob is not used, since the
// folder's name may contain special characters. A folder that does not exist has no entries.
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

// fileOf returns the plugin's file in a configuration, or "", and the options after it.
// Commas separate options in GoMLX's syntax, but may also be part of the name of an existing
// file.
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

// OnCPU reports whether a configuration is that of XLA on the CPU.
func OnCPU(config string) bool {
	kind, rest, _ := strings.Cut(config, ":")
	if path, _ := fileOf(config); path != "" {
		rest = filepath.Base(path)
	}
	other := func(name string) bool { return strings.Contains(strings.ToLower(rest), name) }
	return IsXLA(kind) && !slices.ContainsFunc([]string{"cuda", "gpu", "rocm", "tpu"}, other)
}

// Start starts the backend with the given configuration, in GoMLX's syntax. XLA on the CPU gets
// the given number of devices. Start checks beforehand that the backend's plugin will not end the
// process.
func Start(config string, devices int) (backend compute.Backend, err error) {
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
	oneThread := devices > 1 && OnCPU(config)
	if err := setFlags(plugin, oneThread); err != nil {
		return nil, err
	}
	if OnCPU(config) {
		keepMemory()
	} else {
		devices = 0 // as many as there are
	}
	if plugin == "" {
		backend, err := newXLA(config, devices)
		if err != nil && (strings.Contains(err.Error(), "no plugins found") || strings.Contains(err.Error(), "not found: available plugins")) {
			// go-xla's message is for programmers.
			return nil, fmt.Errorf("no XLA plugin of that name is installed; set $%s=xla:/path/plugin.so to name a file", compute.ConfigEnvVar)
		}
		return backend, err
	}
	if !strings.Contains(plugin, ",") {
		return newXLA(config, devices)
	}
	// go-xla accepts no path with a comma, not even in its Go functions, so use a link.
	links, err := os.MkdirTemp("", "fashion-plugin-")
	if err != nil {
		return nil, fmt.Errorf("make a link to the plugin: %w", err)
	}
	defer func() { _ = os.RemoveAll(links) }() // a loaded library does not need its file name
	link := filepath.Join(links, strings.ReplaceAll(filepath.Base(plugin), ",", "_"))
	if strings.Contains(links, ",") {
		return nil, fmt.Errorf("the folder for temporary files, %s, has a comma in its name, as the plugin's path has; set TMPDIR to another folder", links)
	}
	if err := os.Symlink(plugin, link); err != nil {
		return nil, fmt.Errorf("make a link to the plugin: %w", err)
	}
	return newXLA("xla:"+link+options, devices)
}

// elfMachines maps Go's names of processors to those in ELF files.
var elfMachines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// check returns an error that describes what is wrong with a plugin's file. The system's
// loader would end the process if the file is truncated.
func check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return nil // the loader reports errors
	}
	const remedy = "install it again"
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	file, err := elf.Open(path)
	if err != nil {
		if magic, readErr := readStart(path, len(elf.ELFMAG)); readErr == nil && string(magic) == elf.ELFMAG {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return fmt.Errorf("the plugin %s is damaged: its end is missing; %s", path, remedy)
			}
			return fmt.Errorf("the plugin %s is damaged: %w; %s", path, err, remedy)
		}
		return fmt.Errorf("%s is not a shared library, want an XLA plugin", path)
	}
	defer func() { _ = file.Close() }()
	if want := elfMachines[runtime.GOARCH]; file.Machine != want {
		return fmt.Errorf("the plugin %s is for another processor (%v, this program runs on %v); %s", path, file.Machine, want, remedy)
	}
	for _, part := range file.Progs {
		if end := part.Off + part.Filesz; end > uint64(info.Size()) {
			return fmt.Errorf("the plugin %s is damaged: %d bytes, want at least %d; %s", path, info.Size(), end, remedy)
		}
	}
	symbols, err := file.DynamicSymbols()
	isEntry := func(s elf.Symbol) bool { return s.Name == "GetPjrtApi" }
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) || !slices.ContainsFunc(symbols, isEntry) {
		return fmt.Errorf("%s has no function GetPjrtApi, want an XLA plugin", path)
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

// oneThreadFlag lets a device compute each operation with one thread. It is for several devices,
// one for each core, whose threads would get in each other's way.
const oneThreadFlag = "--xla_cpu_multi_thread_eigen=false"

// ours are the values that this package gives to XLA_FLAGS if the user has set nothing.
func ours() []string {
	all := []string{oneThreadFlag}
	for _, plugin := range inVenv {
		if plugin.flags != "" {
			all = append(all, plugin.flags, plugin.flags+" "+oneThreadFlag)
		}
	}
	return all
}

// setFlags sets the XLA flags for a plugin. The user's flags come last, so they take
// precedence. Other plugins get none of the flags for a plugin, since XLA ends the process if a
// flag is unknown.
func setFlags(path string, oneThread bool) error {
	given := strings.TrimSpace(os.Getenv(flagsVariable))
	if slices.Contains(ours(), given) {
		given = "" // set by an earlier call, or by the program that started this one
	}
	if given != "" && !strings.HasPrefix(given, "-") {
		return nil // the name of a file that holds all flags
	}
	var flags []string
	for _, plugin := range inVenv {
		if plugin.flags != "" && strings.HasSuffix(filepath.ToSlash(path), "/"+plugin.path) && !strings.Contains(given, plugin.flags) {
			flags = append(flags, plugin.flags)
		}
	}
	if oneThread && !strings.Contains(given, oneThreadFlag) {
		flags = append(flags, oneThreadFlag)
	}
	if given != "" {
		flags = append(flags, given)
	}
	return os.Setenv(flagsVariable, strings.Join(flags, " "))
}

// tryVariable is an environment variable. If it is set, a program that contains this package
// starts the backend with the configuration in it, and ends; see tryFlags.
const tryVariable = "FASHION_TRY_BACKEND"

func init() {
	if config, ok := os.LookupEnv(tryVariable); ok {
		_, _ = Start(config, 1) // errors are reported by the calling program; only an abort matters here
		os.Exit(0)
	}
}

// fatal matches XLA's message before it aborts: a letter, date, time, thread and place.
var fatal = regexp.MustCompile(`(?m)^F\d{4} .*?\] (?:Check failed: .*\) )?(.*)$`)

// tryFlags returns an error if XLA does not accept the flags that the user has set. XLA
// aborts in this case, so tryFlags runs this program again in another process. It does
// nothing if the user has set no flags.
func tryFlags(config string) error {
	given := os.Getenv(flagsVariable)
	_, trying := os.LookupEnv(tryVariable)
	if given == "" || trying || slices.Contains(ours(), given) {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return nil // the flags cannot be tried
	}
	try := exec.Command(program)
	try.Env = append(os.Environ(), tryVariable+"="+config)
	var says bytes.Buffer
	try.Stderr = &says
	if err := try.Run(); !errors.As(err, new(*exec.ExitError)) {
		return nil // it started, or could not be tried
	}
	reason := "it aborts"
	if found := fatal.FindStringSubmatch(says.String()); found != nil {
		reason = strings.TrimSpace(found[1])
	}
	return fmt.Errorf("XLA does not accept %s=%q: %s; correct or unset it", flagsVariable, given, strings.TrimRight(reason, "."))
}
