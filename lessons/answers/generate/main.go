// Command generate writes the tables of the visible checks to a folder.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"fashionlab/lessons/answers"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: generate FOLDER")
	}
	files, err := answers.Files()
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(arguments[0], "*.json"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, ok := files[filepath.Base(path)]; !ok {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(arguments[0], name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
