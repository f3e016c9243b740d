// Command readgo reads Go for the programs in Python: standard input and output
// are JSON.
//
//	readgo cells   the sources of cells → what package gocell finds in each
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"fashionlab/lessons/grading/gocell"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "readgo:", err)
		os.Exit(1)
	}
}

func run(arguments []string, r io.Reader, w io.Writer) error {
	switch {
	case len(arguments) == 1 && arguments[0] == "cells":
		var sources []string
		if err := read(r, &sources); err != nil {
			return err
		}
		cells := make([]gocell.Cell, len(sources))
		for i, source := range sources {
			cells[i] = gocell.Parse(source)
		}
		return json.NewEncoder(w).Encode(cells)
	}
	return fmt.Errorf("usage: readgo cells")
}

func read(r io.Reader, into any) error {
	if err := json.NewDecoder(r).Decode(into); err != nil {
		return fmt.Errorf("standard input is not the JSON that is expected: %w", err)
	}
	return nil
}
