package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// overview lists the verbs.
func overview() string {
	var b strings.Builder
	b.WriteString("Fashion reads Fashion-MNIST, and trains and evaluates image classifiers on it.\n\n")
	b.WriteString("Usage: fashion VERB [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.short)
	}
	b.WriteString("\n\"fashion help VERB\" explains a verb. With -json a verb prints one JSON object on\n" +
		"standard output; logs and progress go to standard error. Exit status: 0 done,\n" +
		"1 failed, 2 wrong usage.\n\n")
	b.WriteString("Environment:\n" +
		"  FASHION_MNIST_DIR  the folder with the four files of the data set\n" +
		"  FASHION_CACHE      the folder for verified, uncompressed files\n" +
		"  FASHION_EPOCHS     limits every training to this number of epochs\n" +
		"  FASHION_DEVICES    the number of devices that share a batch; default: one for each\n" +
		"                     core with XLA on the CPU, at most 8\n" +
		"  GOMLX_BACKEND      the backend: xla:cuda, go, xla:/path/plugin.so\n")
	return b.String()
}

// helpText explains one verb.
func helpText(c command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: fashion %s %s\n\n%s.\n", c.name, c.usage, c.short)
	if c.long != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(c.long))
	}
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.Bool("json", false, "print one JSON object on standard output and nothing else there")
	c.setup(flags)
	b.WriteString("\nFlags:\n")
	flags.SetOutput(&b)
	flags.PrintDefaults()
	return b.String()
}

func help(args []string, stdout, stderr io.Writer) int {
	show := func(text string) int {
		if _, err := io.WriteString(stdout, text); err != nil {
			fmt.Fprintf(stderr, "fashion help: %v\n", err)
			return exitFailed
		}
		return exitDone
	}
	if len(args) == 0 {
		return show(overview())
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return show(helpText(c))
		}
	}
	fmt.Fprintf(stderr, "fashion help: verb %q does not exist; \"fashion help\" lists the verbs\n", args[0])
	return exitUsage
}
