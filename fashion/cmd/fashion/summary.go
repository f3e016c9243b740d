package main

import (
	"flag"
	"fmt"
	"io"
)

var summaryCommand = command{
	name: "summary", usage: "-model M",
	short: "print a model's layers, output shapes and parameter counts",
	setup: func(flags *flag.FlagSet) func(*session) error {
		name := modelFlag(flags)
		return func(s *session) error {
			model, err := modelNamed(*name)
			if err != nil {
				return err
			}
			summary, err := model.Summary()
			if err != nil {
				return err
			}
			return s.print(summary, func(w io.Writer) { fmt.Fprintf(w, "%v\n\n%v\n", model, summary) })
		}
	},
}
