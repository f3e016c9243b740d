// Command outline writes the copy of the packages that graded programs are built
// from: with all that cells may name, and without what would solve an exercise.
//
//	outline WORKS TARGET
//
// WORKS is a file that names what works in the copy. All else that is exported has its
// declaration there, so that cells compile, and returns zero values; what is neither is not
// in the copy, so that nothing of it can be linked.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
)

// offered are the packages that cells may import.
var offered = []string{"fashionlab/fashion", "fashionlab/plots", "fashionlab/plots/display", "fashionlab/lessons", "fashionlab/lessons/remote"}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "outline:", err)
		os.Exit(1)
	}
}

func run(arguments []string, w io.Writer) error {
	if len(arguments) != 2 {
		return fmt.Errorf("usage: outline WORKS TARGET")
	}
	works, err := readWorks(arguments[0])
	if err != nil {
		return err
	}
	found, err := load()
	if err != nil {
		return err
	}
	r := newReach(found, works)
	if err := r.run(); err != nil {
		return err
	}
	files, err := r.files()
	if err != nil {
		return err
	}
	outside, places, err := r.outside()
	if err != nil {
		return err
	}
	maps.Copy(files, outside)
	for name, text := range files {
		path := filepath.Join(arguments[1], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return json.NewEncoder(w).Encode(places)
}
