// Command generate writes the tables of the visible checks to the folders tables and models of a folder.
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
	for folder, made := range map[string]func() (map[string][]byte, error){"tables": answers.Files, "models": answers.Models} {
		files, err := made()
		if err != nil {
			return err
		}
		if err := write(filepath.Join(arguments[0], folder), files); err != nil {
			return err
		}
	}
	return nil
}

// write writes files to a folder, and removes those that are no longer made.
func write(folder string, files map[string][]byte) error {
	old, err := filepath.Glob(filepath.Join(folder, "*.json"))
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
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
