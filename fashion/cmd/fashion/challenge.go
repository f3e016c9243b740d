package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"fashionlab/fashion"
	"fashionlab/fashion/challenge"
	"fashionlab/fashion/internal/atomicfile"
)

var challengeCommand = command{
	name: "challenge", usage: "-run DIR[,DIR…] [-tta flip|six] [-replay N|all] [-out FILE.md] [-rules FILE.json] [flags]",
	short: "verify runs for the table of the best small networks",
	long: `
The runs are those of one entry: the same training, with one seed each. A folder
whose subfolders are runs, such as that of a sweep, stands for these. Nothing that
a run claims is believed: the parameters are counted, the accuracy is computed on
the test images, and the first steps of the training are made again from the seed
and the official images. -replay all makes the whole training again, which takes as
long as the training did; then the accuracy is that of the network that was
trained here.

-out inserts the entry's line into the table of a Markdown file, in the order of
the accuracy; a line of the same name is replaced, and nothing else changes. Without it
the line is printed. An entry that does not hold is exit status 1, with the reasons,
and writes nothing. docs/challenge.md says what is proved and what is not.

-rules marks one run as a course does: a file has the limits, the secret that draws
the test images, and the accuracies for no and for all points.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		f := &challengeFlags{}
		flags.StringVar(&f.runs, "run", "", "`folders` of the runs, separated by commas; a folder of runs stands for all of them")
		dir, out := dirFlag(flags), pathFlag(flags, "out", "Markdown `file` with the table, such as docs/challenge.md")
		tta := ttaFlag(flags)
		flags.StringVar(&f.replay, "replay", strconv.Itoa(challenge.DefaultSteps), "`steps` to make again for each run: a number, or all")
		flags.IntVar(&f.options.Limit, "limit", challenge.DefaultLimit, "largest number of parameters, frozen ones included")
		rules := pathFlag(flags, "rules", "JSON `file` with the rules of a course; the other flags but -run and -dir do not go with it")
		flags.StringVar(&f.options.Name, "name", "", "name of the entry; default: the model's")
		flags.StringVar(&f.options.Author, "author", "", "who made the entry")
		flags.StringVar(&f.options.Link, "link", "", "`address` of the entry's description")
		flags.StringVar(&f.options.Date, "date", "", "date of the entry; default: today")
		return func(s *session) error {
			f.dir, f.out, f.options.Views = *dir, *out, *tta
			if *rules != "" {
				return f.mark(s, *rules)
			}
			return f.verify(s)
		}
	},
}

// challengeFlags are the flags of challenge.
type challengeFlags struct {
	runs, dir, out, replay string
	options                challenge.Options
}

// challengeResult is what challenge prints.
type challengeResult struct {
	*challenge.Entry
	// Line is the line of the table; "" if there are problems.
	Line string `json:"line"`
	// Out is the file with the table; "" if none was written.
	Out string `json:"out,omitempty"`
}

func (f *challengeFlags) verify(s *session) error {
	if err := f.check(); err != nil {
		return err
	}
	runs, err := f.open()
	if err != nil {
		return err
	}
	var table []byte
	if f.out != "" { // before the work, which takes minutes
		if table, err = os.ReadFile(f.out); err != nil {
			return fmt.Errorf("the table: %w", err)
		}
		if !strings.Contains(string(table), challenge.Header) {
			return fmt.Errorf("%s has no table of the challenge; name a copy of docs/challenge.md", f.out)
		}
	}
	data, err := f.official(s)
	if err != nil {
		return err
	}
	f.options.Output = s.log
	entry, err := challenge.Verify(s.ctx, runs, data, f.options)
	if err != nil {
		return err
	}
	result := challengeResult{Entry: entry}
	if len(entry.Problems) == 0 {
		if result.Line, err = entry.Line(); err != nil {
			return usageError{err}
		}
		if f.out != "" {
			if err := insertEntry(f.out, entry); err != nil {
				return err
			}
			result.Out = f.out
		}
	}
	err = s.print(result, func(w io.Writer) { printChallenge(w, result) })
	if len(entry.Problems) > 0 {
		return errors.Join(fmt.Errorf("the entry %s does not hold: %s", entry.Name, strings.Join(entry.Problems, "; ")), err)
	}
	return err
}

// official loads the official images.
func (f *challengeFlags) official(s *session) (*fashion.Data, error) {
	data, err := s.load(fashion.LoadOptions{Dir: f.dir})
	if err != nil {
		return nil, err
	}
	for _, file := range data.Files {
		if !file.Verified {
			return nil, fmt.Errorf("%s is not the official file; the challenge is about the official images", file.Name)
		}
	}
	return data, nil
}

// mark marks one run by the rules in a file.
func (f *challengeFlags) mark(s *session, path string) error {
	for _, name := range []string{"tta", "out", "replay", "limit", "name", "author", "link", "date"} {
		if s.isSet(name) {
			return usagef("-%s does not go with -rules, which has all settings of a mark", name)
		}
	}
	if f.runs == "" {
		return usagef("-run is missing; name the folder of the run")
	}
	rules, err := challenge.ReadRules(path)
	if err != nil {
		return err
	}
	runs, err := f.open()
	if err != nil {
		return err
	}
	if len(runs) != 1 {
		return usagef("-run names %d runs, and a mark is for one", len(runs))
	}
	data, err := f.official(s)
	if err != nil {
		return err
	}
	mark, err := challenge.Grade(s.ctx, runs[0], data, rules, s.log)
	if err != nil {
		return err
	}
	return s.print(mark, func(w io.Writer) {
		fmt.Fprintf(w, "%.1f of %g points: accuracy %.4f on the secret test images, %d parameters, %.1f minutes\n", mark.Points, mark.Of, mark.Accuracy, mark.Parameters, mark.Minutes)
		for _, problem := range mark.Problems {
			fmt.Fprintf(w, "no points: %s\n", problem)
		}
		for _, doubt := range mark.Doubts {
			fmt.Fprintf(w, "for a person: %s\n", doubt)
		}
	})
}

// check checks the values of the flags.
func (f *challengeFlags) check() error {
	if f.runs == "" {
		return usagef("-run is missing; name the folders of the runs, separated by commas")
	}
	if f.options.Limit < 1 {
		return usagef("-limit %d, want at least 1", f.options.Limit)
	}
	if err := checkTTA(f.options.Views); err != nil {
		return err
	}
	if f.options.Date == "" {
		f.options.Date = time.Now().UTC().Format(time.DateOnly)
	}
	f.options.Steps = challenge.AllSteps
	if f.replay != "all" {
		steps, err := strconv.Atoi(f.replay)
		if err != nil || steps < 1 {
			return usagef("-replay %q, want a number of at least 1, or all", f.replay)
		}
		f.options.Steps = steps
	}
	return nil
}

// open opens the runs.
func (f *challengeFlags) open() ([]*fashion.Run, error) {
	var runs []*fashion.Run
	for _, name := range strings.Split(f.runs, ",") {
		var dir pathValue
		if err := dir.Set(name); err != nil {
			return nil, err
		}
		path, err := runPath(string(dir))
		if err != nil {
			return nil, err
		}
		inside, err := fashion.RunsIn(path)
		if err != nil {
			return nil, err
		}
		if len(inside) > 0 {
			runs = append(runs, inside...)
			continue
		}
		run, err := fashion.OpenRun(path)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// insertEntry puts the entry into the table of a file, as it is now.
func insertEntry(path string, entry *challenge.Entry) error {
	table, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("the table: %w", err)
	}
	text, err := challenge.Insert(string(table), entry)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, []byte(text))
}

func printChallenge(w io.Writer, r challengeResult) {
	fmt.Fprintf(w, "%s: %d parameters, %d training images, %d epochs\n", r.Name, r.Parameters, r.Images, r.Epochs)
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(columns, "run\tseed\ttest accuracy\tsteps again\tequal\tdifference\tminutes recorded\tminutes here\t")
	for _, run := range r.Runs {
		here := "–"
		if run.MinutesHere > 0 {
			here = fmt.Sprintf("%.1f", run.MinutesHere)
		}
		fmt.Fprintf(columns, "%s\t%d\t%.4f\t%d\t%d\t%.1e\t%.1f\t%s\t\n", run.Run, run.Seed, run.Accuracy, run.ReplayedSteps, run.EqualSteps, run.Difference, run.RecordedMinutes, here)
	}
	_ = columns.Flush() // w is a buffer
	for _, run := range r.Runs {
		for _, m := range run.Memberships {
			fmt.Fprintf(w, "%s: %v\n", run.Run, m)
		}
	}
	if r.Line != "" {
		fmt.Fprintf(w, "\n%s%s\n", challenge.Header, r.Line)
	}
	if r.Out != "" {
		fmt.Fprintf(w, "\nthe line is in %s\n", r.Out)
	}
}
