package main

import (
	"flag"
	"fmt"
	"io"

	"fashionlab/fashion"
)

var backendCommand = command{
	name: "backend", usage: "",
	short: "start the selected backend and print why it was selected",
	long: `
The first of these that is available is selected: the backend in
$GOMLX_BACKEND, an installed XLA plugin, GoMLX's Go backend.`,
	setup: func(*flag.FlagSet) func(*session) error { return runBackend },
}

func runBackend(s *session) error {
	_, choice, err := fashion.DefaultBackend()
	if err != nil {
		return err
	}
	result := struct {
		Backend string `json:"backend"`
		Config  string `json:"config"`
		Reason  string `json:"reason"`
	}{choice.Name(), choice.Config, choice.Reason}
	return s.print(result, func(w io.Writer) { fmt.Fprintln(w, choice) })
}
