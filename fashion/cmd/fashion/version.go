package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"fashionlab/fashion"
)

var versionCommand = command{
	name: "version", usage: "",
	short: "print the versions of this program and of its computing libraries",
	long: `
The commit is known if "go build" built the program in a checkout with version
control. The backend is the selected one; it is not started.`,
	setup: func(*flag.FlagSet) func(*session) error { return runVersion },
}

// versionResult is the output of version. Unknown versions are empty.
type versionResult struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	// Modified is true if the checkout had changes that were not committed.
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Experiments is GOEXPERIMENT, such as "simd".
	Experiments string            `json:"experiments"`
	Cgo         bool              `json:"cgo"`
	Modules     map[string]string `json:"modules"`
	Backend     string            `json:"backend"`
}

// computingModules are the modules of the backends.
var computingModules = []string{"github.com/gomlx/gomlx", "github.com/gomlx/compute", "github.com/gomlx/go-xla"}

func runVersion(s *session) error {
	v := versionResult{
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Modules: map[string]string{}, Backend: fashion.ChooseBackend().String(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Version = info.Main.Version
		for _, dependency := range info.Deps {
			for _, path := range computingModules {
				if dependency.Path == path {
					v.Modules[path] = dependency.Version
				}
			}
		}
		for _, setting := range info.Settings {
			switch setting.Key {
			case "vcs.revision":
				v.Commit = setting.Value
			case "vcs.modified":
				v.Modified = setting.Value == "true"
			case "GOEXPERIMENT":
				v.Experiments = setting.Value
			case "CGO_ENABLED":
				v.Cgo = setting.Value == "1"
			}
		}
	}
	return s.print(v, func(w io.Writer) { printVersion(w, v) })
}

func printVersion(w io.Writer, v versionResult) {
	commit := "commit unknown"
	if v.Commit != "" {
		commit = "commit " + v.Commit
		if v.Modified {
			commit += " with changes"
		}
	}
	fmt.Fprintln(w, strings.TrimSpace("fashion "+v.Version)+", "+commit)
	built := []string{v.Go, v.Platform}
	if v.Experiments != "" {
		built = append(built, "GOEXPERIMENT="+v.Experiments)
	}
	if !v.Cgo {
		built = append(built, "without cgo")
	}
	fmt.Fprintln(w, strings.Join(built, ", "))
	for _, path := range computingModules {
		if version := v.Modules[path]; version != "" {
			fmt.Fprintf(w, "%s %s\n", path, version)
		}
	}
	fmt.Fprintln(w, v.Backend)
}
