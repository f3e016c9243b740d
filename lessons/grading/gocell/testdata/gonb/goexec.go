package goexec

import (
	"fmt"
	"os"
	"path/filepath"

	. "github.com/janpfeifer/gonb/common"
)

// Seen is what the kernel sees in a cell.
type Seen struct {
	Other   bool              // the cell is another program's
	Dies    string            // the kernel's panic
	Skipped []int             // lines that are no Go
	File    string            // what is parsed
	Error   string            // why that is no Go
	Main    string            // main's definition
	Kept    map[string]string // what is declared, by its kind and key
}

// See parses a cell's lines, without the kernel's state.
func See(seen *Seen, dir string, lines []string, skip Set[int]) error {
	s := &State{UniqueID: "cell", Package: "cell", TempDir: dir, Definitions: NewDeclarations(), rawError: true}
	if err := s.RemoveGeneratedCode(); err != nil {
		return err
	}
	_, fileToCell, err := s.createGoFileFromLines(s.CodePath(), 1, lines, skip, NoCursor)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		return err
	}
	seen.File = string(text)
	d, err := s.parseFromGoCode(nil, 1, NoCursor, MakeFileToCellIdAndLine(1, fileToCell))
	if err != nil {
		seen.Error = err.Error()
		return nil
	}
	seen.Kept = map[string]string{}
	for key, i := range d.Imports {
		if i.Alias != "" {
			seen.Kept["import "+key] = i.Alias + " "
		}
		seen.Kept["import "+key] += fmt.Sprintf("%q", i.Path)
	}
	for key, f := range d.Functions {
		if key == "main" {
			seen.Main = f.Definition
			continue
		}
		seen.Kept["func "+key] = f.Definition
	}
	for key, t := range d.Types {
		seen.Kept["type "+key] = t.TypeDefinition
	}
	for key, v := range d.Variables {
		if v.Name == "_" {
			continue
		}
		text := v.Name
		if v.TypeDefinition != "" {
			text += " " + v.TypeDefinition
		}
		if v.ValueDefinition != "" {
			text += " = " + v.ValueDefinition
		}
		seen.Kept["var "+key] = text
	}
	for key := range d.Constants {
		seen.Kept["const "+key] = ""
	}
	return nil
}
