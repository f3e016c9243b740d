// Command readgo reads Go for the programs in Python: standard input and output
// are JSON.
//
//	readgo cells    the sources of cells → what package gocell finds in each
//	readgo tokens   the sources of cells → the tokens of each, as two programs are compared
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
	case len(arguments) == 1 && arguments[0] == "tokens":
		var sources []string
		if err := read(r, &sources); err != nil {
			return err
		}
		tokens := make([][]gocell.Token, len(sources))
		for i, source := range sources {
			tokens[i] = gocell.Tokens(source)
		}
		return json.NewEncoder(w).Encode(tokens)
	}
	return fmt.Errorf("usage: readgo cells | readgo tokens")
}

func read(r io.Reader, into any) error {
	if err := json.NewDecoder(r).Decode(into); err != nil {
		return fmt.Errorf("standard input is not the JSON that is expected: %w", err)
	}
	return nil
}
