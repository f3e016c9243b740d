package main

import (
	"flag"
	"fmt"
	"io"

	"fashionlab/fashion"
)

var backendCommand = command{
	name: "backend", usage: "",
	short: "start the backend that would compute and say why it is that one",
	long: `
The order is: $GOMLX_BACKEND where it is set, an XLA plugin that is
installed, GoMLX's own Go backend.`,
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
