// Command fashion verifies the data, and trains, evaluates and measures the models
// of the homework. "fashion help" lists its verbs.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"fashionlab/fashion"
)

// Exit statuses.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// command is one verb. The help text is made from these values, and a test compares
// the documentation with them.
type command struct {
	// name is the verb, usage its flags, short its description in one line, long
	// further explanations.
	name, usage, short, long string
	// setup declares the verb's flags and returns the function that executes it.
	setup func(*flag.FlagSet) func(*session) error
}

// session holds the context, the outputs and the flags of a verb.
type session struct {
	ctx context.Context
	// stdout receives the result: the JSON object, or text for people.
	stdout io.Writer
	// log is standard error. It receives progress and notes.
	log   io.Writer
	json  bool
	flags *flag.FlagSet
}

// print writes the result as JSON, or as the given text.
func (s *session) print(value any, text func(w io.Writer)) error {
	if !s.json {
		var b bytes.Buffer
		text(&b)
		_, err := s.stdout.Write(b.Bytes())
		return err
	}
	return writeJSON(s.stdout, value)
}

// isSet reports whether a flag was given on the command line.
func (s *session) isSet(name string) bool {
	set := false
	s.flags.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// usageError is an error in the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func commands() []command {
	return []command{
		dataCommand, summaryCommand, trainCommand, sweepCommand, evalCommand, challengeCommand, predictCommand, serveCommand,
		importCommand, exportCommand, benchCommand, backendCommand, versionCommand,
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), fashion.StopSignals()...)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run executes a command line and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, overview())
		return exitUsage
	}
	verb, args := args[0], args[1:]
	if verb == "help" || verb == "-h" || verb == "-help" || verb == "--help" {
		return help(args, stdout, stderr)
	}
	for _, c := range commands() {
		if c.name == verb {
			return runCommand(ctx, c, args, stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "fashion: verb %q does not exist; \"fashion help\" lists the verbs\n", verb)
	return exitUsage
}

func runCommand(ctx context.Context, c command, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	asJSON := flags.Bool("json", false, "print one JSON object on standard output and nothing else there")
	execute := c.setup(flags)
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return help([]string{c.name}, stdout, stderr)
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	flags.Visit(func(f *flag.Flag) {
		// An empty variable in a script must not select the default.
		if err == nil && f.Value.String() == "" {
			err = fmt.Errorf("-%s is empty; give it a value, or omit it", f.Name)
		}
	})
	if err != nil {
		fmt.Fprintf(stderr, "fashion %s: %v; \"fashion help %s\" explains the flags\n", c.name, err, c.name)
		return exitUsage
	}
	err = execute(&session{ctx: ctx, stdout: stdout, log: stderr, json: *asJSON, flags: flags})
	if err == nil {
		return exitDone
	}
	// The message is one line.
	fmt.Fprintf(stderr, "fashion %s: %s\n", c.name, strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitFailed
}
