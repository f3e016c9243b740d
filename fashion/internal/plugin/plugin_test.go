package plugin

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"fashionlab/fashion/internal/testfiles"
)

// oddFolders are names of folders in which a plugin must be found and started.
var oddFolders = []string{"plain", "Novák, Jan", "lab [1]", "a,b,c", "数据", "with space", "100% *?{x}", `back\slash`, "-dash", "it's \"so\""}

// alone hides the plugins of this machine from Find, except those in the repository from which
// the test was compiled.
func alone(t *testing.T) {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "")
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "")
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
}

func TestFindLooksInFoldersOfAnyName(t *testing.T) {
	const below = ".venv/lib/python3.11/site-packages/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"
	for _, name := range oddFolders {
		t.Run(name, func(t *testing.T) {
			alone(t)
			root := filepath.Join(t.TempDir(), name)
			venv := filepath.Join(root, filepath.FromSlash(below))
			deep := filepath.Join(root, "notebooks", "a [b]")
			testfiles.Write(t, venv, "")
			testfiles.Write(t, filepath.Join(deep, "x"), "")
			t.Chdir(deep)
			if got := Find(); got != venv {
				t.Errorf("above the working directory: found %q, want %q", got, venv)
			}
			t.Chdir(t.TempDir())
			t.Setenv("VIRTUAL_ENV", filepath.Join(root, ".venv"))
			if got := Find(); got != venv {
				t.Errorf("in $VIRTUAL_ENV: found %q, want %q", got, venv)
			}
			given := filepath.Join(root, "given", "pjrt_c_api_cpu_v0.83.4_plugin.so")
			testfiles.Write(t, given, "")
			testfiles.Write(t, given+".lock", "")
			t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", string(filepath.ListSeparator)+filepath.Dir(given))
			if got := Find(); got != given {
				t.Errorf("in $PJRT_PLUGIN_LIBRARY_PATH: found %q, want %q", got, given)
			}
		})
	}
}

func TestVenvsHoldThoseOfTheGivenFoldersLast(t *testing.T) {
	alone(t)
	given := filepath.Join(t.TempDir(), "course")
	found := venvs([]string{given})
	if last := found[len(found)-1]; last != filepath.Join(given, ".venv") {
		t.Errorf("the last environment is %q, want that of %q", last, given)
	}
}

func TestFileOfTellsCommasOfANameFromThoseOfOptions(t *testing.T) {
	for _, name := range oddFolders {
		plugin := filepath.Join(t.TempDir(), name, "plugin.so")
		testfiles.Write(t, plugin, "")
		for _, options := range []string{"", ",shared_buffers", ",tf32=false,shared_buffers"} {
			path, rest := fileOf("xla:" + plugin + options)
			if path != plugin || rest != options {
				t.Errorf("%s%s: got %q and %q", plugin, options, path, rest)
			}
		}
	}
	for config, want := range map[string]string{"xla:/none/p.so,shared_buffers": "/none/p.so", "xla:cuda,tf32=true": "", "go": "", "xla": ""} {
		if path, _ := fileOf(config); path != want {
			t.Errorf("%s: got %q, want %q", config, path, want)
		}
	}
}

// installedPlugin is the file of the plugin that is installed here; without one, or
// without XLA in this program, the test is skipped.
func installedPlugin(t *testing.T) string {
	t.Helper()
	plugin := Find()
	if plugin == "" || !Linked {
		t.Skip("no XLA plugin found, or built without a C compiler")
	}
	return plugin
}

func TestStartTakesAPluginInFoldersOfAnyName(t *testing.T) {
	plugin := installedPlugin(t)
	for _, name := range oddFolders {
		folder := filepath.Join(t.TempDir(), name)
		testfiles.Write(t, filepath.Join(folder, "x"), "")
		here := filepath.Join(folder, "pjrt_c_api_cpu_plugin.so")
		if err := os.Symlink(plugin, here); err != nil {
			t.Fatal(err)
		}
		if _, err := Start(Config(here), 2); err != nil {
			t.Errorf("in a folder %q: %v", name, err)
		}
	}
}

// header is the beginning of an ELF file.
func header(t *testing.T, machine elf.Machine) []byte {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	binary.LittleEndian.PutUint16(content[18:], uint16(machine))
	return content
}

func TestCheckDescribesWhatIsWrongWithAFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("plugins of Linux")
	}
	folder := t.TempDir()
	mine := elfMachines[runtime.GOARCH]
	program := header(t, mine)
	for _, c := range []struct {
		name, says string
		content    []byte
	}{
		{"empty.so", "not a shared library", nil},
		{"page.so", "not a shared library", []byte("<!DOCTYPE html>")},
		{"pointer.so", "not a shared library", []byte("version https://git-lfs.github.com/spec/v1\n")},
		{"short.so", "its end is missing", program[:40]},
		{"half.so", "its end is missing", program[:len(program)/2]},
		{"other.so", "for another processor", header(t, elf.EM_RISCV)},
		{"program.so", "GetPjrtApi", program},
	} {
		path := filepath.Join(folder, c.name)
		testfiles.Write(t, path, c.content)
		if err := check(path); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want an error with its path that says %q", c.name, err, c.says)
		}
	}
	for path, says := range map[string]string{folder: "not a regular file", filepath.Join(folder, "none.so"): "none.so"} {
		if err := check(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want an error that says %q", path, err, says)
		}
	}
}

func TestStartNamesXLAFlagsThatXLARefuses(t *testing.T) {
	config := Config(installedPlugin(t))
	for _, flags := range []string{"--xla_cpu_use_onednn=maybe", "--no_such_flag=1", "--no_such_flag", "--xla_backend_optimization_level=high"} {
		t.Setenv(flagsVariable, flags)
		_, err := Start(config, 2)
		if err == nil || !strings.Contains(err.Error(), flagsVariable) || !strings.Contains(err.Error(), flags) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line that names %s and the flags", flags, err, flagsVariable)
		}
	}
	t.Setenv(flagsVariable, "--xla_cpu_enable_fast_math=false")
	if _, err := Start(config, 2); err != nil {
		t.Errorf("a flag that XLA knows: %v", err)
	}
}

func TestPluginsGetOnlyFlagsThatTheySupport(t *testing.T) {
	const known = "/a b/.venv/lib/python3.11/site-packages/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
	ours := inVenv[0].flags
	const elsewhere = "/elsewhere/pjrt_c_api_cpu_plugin.so"
	for _, c := range []struct {
		plugin      string
		oneThread   bool
		given, want string
	}{
		{known, false, "", ours},
		{known, false, "--xla_cpu_use_onednn=false", ours + " --xla_cpu_use_onednn=false"},
		{known, false, ours, ours},
		{known, false, ours + " " + oneThreadFlag, ours},
		{known, false, "/file/with/flags", "/file/with/flags"},
		{known, true, "", ours + " " + oneThreadFlag},
		{known, true, ours, ours + " " + oneThreadFlag},
		{known, true, "--xla_cpu_multi_thread_eigen=true", ours + " " + oneThreadFlag + " --xla_cpu_multi_thread_eigen=true"},
		{elsewhere, false, "", ""},
		{elsewhere, true, "", oneThreadFlag},
		{elsewhere, false, oneThreadFlag, ""},
		{"", false, "--mine", "--mine"},
	} {
		t.Setenv(flagsVariable, c.given)
		if err := setFlags(c.plugin, c.oneThread); err != nil {
			t.Fatal(err)
		}
		if got := os.Getenv(flagsVariable); got != c.want {
			t.Errorf("%s with %s=%q: got %q, want %q", c.plugin, flagsVariable, c.given, got, c.want)
		}
	}
}
