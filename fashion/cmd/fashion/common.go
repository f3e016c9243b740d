package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/userpath"
)

// Names of the notes that train saves in a run, so that eval can make the same
// split again and -resume can restore the flags.
const (
	noteSeed      = "seed"
	noteSplitSize = "split-size"
	noteShuffle   = "shuffle"
	noteDropout   = "dropout"
)

// Defaults of the homework.
const (
	defaultBatch = 128
	defaultSplit = 50000
	// maxValidation is the largest number of validation images.
	maxValidation = 10000
)

// pathValue is a flag that names a file or a folder. A "~" at its beginning, which some
// shells do not expand after a "=", is the home folder.
type pathValue string

func (p *pathValue) String() string { return string(*p) }

func (p *pathValue) Set(path string) error {
	expanded, err := userpath.Expand(path)
	*p = pathValue(expanded)
	return err
}

func pathFlag(flags *flag.FlagSet, name, usage string) *string {
	path := new(string)
	flags.Var((*pathValue)(path), name, usage)
	return path
}

func dirFlag(flags *flag.FlagSet) *string {
	return pathFlag(flags, "dir", "`folder` with the four files of the data set; default: $FASHION_MNIST_DIR, data/fashion of the repository, the cache, download")
}

func modelFlag(flags *flag.FlagSet) *string {
	return flags.String("model", "softmax", "`model`: "+strings.Join(slices.Concat(fashion.ModelNames(), fashion.RecipeNames()), ", "))
}

func runFlag(flags *flag.FlagSet) *string {
	return pathFlag(flags, "run", "`folder` of the run")
}

// runPath turns the value of -run, which is always a folder, into a path.
func runPath(name string) (string, error) {
	if name == "" {
		return "", usagef("-run is missing; name the run's folder")
	}
	if !strings.ContainsAny(name, `/\`) {
		name = "." + string(os.PathSeparator) + name
	}
	return name, nil
}

// modelNamed returns the model with the given name. An unknown name is a usage error.
func modelNamed(name string) (*fashion.Model, error) {
	m, err := fashion.ModelByName(name)
	if err != nil {
		return nil, usageError{err}
	}
	return m, nil
}

// load reads the data set. A download reports to the log.
func (s *session) load(options fashion.LoadOptions) (*fashion.Data, error) {
	options.Progress = s.log
	return fashion.LoadContext(s.ctx, options)
}

// noteInt reads a whole number from a run's notes.
func noteInt(notes map[string]string, name string, otherwise int) (int, error) {
	text, ok := notes[name]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("the run's note %q is %q, want a whole number", name, text)
	}
	return n, nil
}
