package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/atomicfile"
)

var sweepCommand = command{
	name: "sweep", usage: "-out DIR [-models M,…] [-seeds 1-5] [-part I/N] [flags]",
	short: "train models with several seeds and settings, and compare them",
	long: `
Every combination of the lists is a run in a folder of its own, DIR/MODEL-SEED, such
as cnn_v1-3. It is the run that "fashion train -model cnn_v1 -seed 3" makes, and
either command continues the other's. A setting with several values is a part of the
name, such as cnn-lr0.001-3. A model can have settings of its own: with
-models softmax,softmax:lr=0.02,cnn the second one has the learning rate 0.02, in
softmax-lr0.02-3.

Finished runs are not trained again, and interrupted ones are continued: after Ctrl-C
or a crash, the same command goes on. A run that was made with other settings is an
error, before anything is trained. At the end, a table of all finished runs has the
mean, the standard deviation (of a sample), the lowest and the highest accuracy, and
the minutes of one training. It lists the runs that are missing.

Runs are numbered from 0 in the order of the lists; the seeds vary fastest. -part I/N,
with I from 0 to N-1, trains the runs whose number divided by N leaves I, for an array
job on several machines that see the same folder. A part shows the table of all runs
that are finished by then.

Accuracies are those of the validation images, after the last epoch. With -test, each
finished run of the part is evaluated on the test images, once: its result is stored in
the run's folder, in test.json, or with -tta six in test-six.json.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		f := newSweepFlags(flags)
		return func(s *session) error { return f.sweep(s) }
	},
}

// swept are the flags of train that can have several values in a sweep, in the order of
// the names of runs.
var swept = []string{
	"lr", "epochs", "batch", "optimizer", "momentum", "weight-decay", "schedule", "label-smoothing", "clip", "ema", "augment",
	"dropout", "split-size", "shuffle",
}

// maxRuns is the largest number of runs, so that a mistyped range is an error.
const maxRuns = 10_000

// sweepFlags are the flags of sweep.
type sweepFlags struct {
	out, dir, plot                     *string
	models, seeds, part, original, tta *string
	// lists holds the comma-separated values of the swept flags; "" is train's default.
	lists          map[string]*string
	test, markdown *bool
}

func newSweepFlags(flags *flag.FlagSet) *sweepFlags {
	f := &sweepFlags{
		out:      pathFlag(flags, "out", "`folder` of the runs"),
		dir:      dirFlag(flags),
		models:   flags.String("models", strings.Join(fashion.ModelNames(), ","), "`list` of models, each alone or as MODEL:FLAG=VALUE with settings of its own"),
		seeds:    flags.String("seeds", "1-5", "`list` of seeds and ranges of seeds, such as 1-3,7"),
		part:     flags.String("part", "0/1", "train only part `I/N` of the runs, I from 0 to N-1"),
		test:     flags.Bool("test", false, "evaluate the finished runs on the test images, and compare these accuracies"),
		tta:      ttaFlag(flags),
		plot:     pathFlag(flags, "plot", "`file` (.svg or .png) for a plot of the means and ranges"),
		markdown: flags.Bool("markdown", false, "print the table as Markdown"),
		original: flags.String("original", "", "`list` of accuracies to compare with, such as softmax=0.708,cnn=0.883; for -markdown and -plot"),
		lists:    map[string]*string{},
	}
	train := flag.NewFlagSet("train", flag.ContinueOnError)
	newTrainFlags(train)
	for _, name := range swept {
		known := train.Lookup(name)
		usage := "`list`: " + known.Usage
		if !strings.Contains(usage, "default:") {
			usage += "; default: " + known.DefValue
		}
		f.lists[name] = flags.String(name, "", usage)
	}
	return f
}

// sweepRun is one training of a sweep.
type sweepRun struct {
	// name is the name of its folder, row that of its row in the table.
	name, row, dir string
	seed           uint64
	flags          *trainFlags
	set            *flag.FlagSet
	parameters     int
	// testOnly allows runs without validation images.
	testOnly bool
	// tta names the views of the evaluation on the test images.
	tta string
	// run is nil until the run exists; complete is true after the last epoch.
	run      *fashion.Run
	complete bool
	// test is the result on the test images; nil before they are evaluated.
	test *testResult
}

// sweep trains what is missing, and prints the table.
func (f *sweepFlags) sweep(s *session) error {
	part, parts, err := f.partOf()
	if err != nil {
		return err
	}
	originals, err := f.originals()
	if err != nil {
		return err
	}
	if *f.markdown && s.json {
		return usagef("-markdown and -json, want one of them")
	}
	if *f.plot != "" && filepath.Ext(*f.plot) != ".svg" && filepath.Ext(*f.plot) != ".png" {
		return usagef("-plot %s, want a file that ends in .svg or .png", *f.plot)
	}
	if err := checkTTA(*f.tta); err != nil {
		return err
	}
	if *f.tta != "" && !*f.test {
		return usagef("-tta needs -test: validation accuracies are those of the training, without views")
	}
	runs, err := f.plan()
	if err != nil {
		return err
	}
	for name := range originals {
		if !slices.ContainsFunc(runs, func(r *sweepRun) bool { return r.row == name }) {
			return usagef("-original: no row %q in the table, want names such as %q", name, runs[0].row)
		}
	}
	for _, r := range runs { // nothing is trained next to a run with other settings
		if err := r.look(s); err != nil {
			return err
		}
	}
	var failed error
	for k, r := range runs {
		if k%parts != part {
			continue
		}
		err := r.finish(s, fmt.Sprintf("%s (run %d of %d)", r.name, k, len(runs)), *f.test)
		switch {
		case s.ctx.Err() != nil && err != nil:
			return fmt.Errorf("%w; the same command goes on with the sweep", err)
		case errors.Is(err, fashion.ErrDiverged), errors.Is(err, fashion.ErrRunBusy):
			failed = errors.Join(failed, fmt.Errorf("run %s: %w", r.dir, err)) // the other runs do not depend on it
		case err != nil:
			return err
		}
	}
	for _, r := range runs { // another part may have trained in the meantime
		if err := r.lookAgain(s); err != nil {
			return err
		}
	}
	result := tableOf(runs, *f.test, originals)
	result.Out, result.Part, result.TTA = *f.out, *f.part, *f.tta
	if *f.plot != "" {
		if err := result.writePlot(s, *f.plot); err != nil {
			return err
		}
	}
	text := result.text
	if *f.markdown {
		text = result.markdown
	}
	return errors.Join(failed, s.print(result, text))
}

// partOf reads -part.
func (f *sweepFlags) partOf() (part, parts int, err error) {
	first, second, _ := strings.Cut(*f.part, "/")
	part, err1 := strconv.Atoi(first)
	parts, err2 := strconv.Atoi(second)
	if err1 != nil || err2 != nil || part < 0 || part >= parts {
		return 0, 0, usagef("-part %s, want I/N with I from 0 to N-1, such as 0/3, 1/3 and 2/3", *f.part)
	}
	return part, parts, nil
}

// originals reads -original.
func (f *sweepFlags) originals() (map[string]float64, error) {
	values := map[string]float64{}
	if *f.original == "" {
		return values, nil
	}
	for item := range strings.SplitSeq(*f.original, ",") {
		name, text, _ := strings.Cut(item, "=")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || !(value > 0 && value <= 1) {
			return nil, usagef("-original: %q, want MODEL=ACCURACY with an accuracy above 0 and up to 1", item)
		}
		values[name] = value
	}
	return values, nil
}

// plan lists the runs: models, then settings, then seeds.
func (f *sweepFlags) plan() ([]*sweepRun, error) {
	if *f.out == "" {
		return nil, usagef("-out is missing; name the folder of the runs")
	}
	seeds, err := seedsOf(*f.seeds)
	if err != nil {
		return nil, err
	}
	var runs []*sweepRun
	names := map[string]bool{}
	for item := range strings.SplitSeq(*f.models, ",") {
		combinations, err := f.combinations(item)
		if err != nil {
			return nil, err
		}
		if len(runs)+len(combinations)*len(seeds) > maxRuns {
			return nil, usagef("more than %d runs; shorten the lists", maxRuns)
		}
		for _, c := range combinations {
			for _, seed := range seeds {
				r, err := f.newRun(c, seed)
				if err != nil {
					return nil, err
				}
				if names[r.name] {
					return nil, usagef("run %s is in the lists twice", r.name)
				}
				names[r.name] = true
				runs = append(runs, r)
			}
		}
	}
	return runs, nil
}

// combination is a model with one value for each flag that is not train's default.
type combination struct {
	model  string
	values map[string]string
	named  map[string]bool // the flags in the names of runs
}

// combinations returns the combinations of an item of -models.
func (f *sweepFlags) combinations(item string) ([]combination, error) {
	parts := strings.Split(item, ":")
	list := []combination{{model: parts[0], values: map[string]string{}, named: map[string]bool{}}}
	for _, setting := range parts[1:] {
		name, value, found := strings.Cut(setting, "=")
		if !found || !slices.Contains(swept, name) || value == "" || list[0].named[name] {
			return nil, usagef("-models: %q in %q, want FLAG=VALUE, each of %q at most once", setting, item, swept)
		}
		list[0].values[name], list[0].named[name] = value, true
	}
	for _, name := range swept {
		if *f.lists[name] == "" || list[0].named[name] {
			continue // a model's own setting replaces the list
		}
		values := strings.Split(*f.lists[name], ",")
		if len(list)*len(values) > maxRuns {
			return nil, usagef("more than %d runs; shorten the lists", maxRuns)
		}
		var longer []combination
		for _, c := range list {
			for _, value := range values {
				n := combination{c.model, map[string]string{name: value}, map[string]bool{name: len(values) > 1}}
				for other := range c.values {
					n.values[other], n.named[other] = c.values[other], c.named[other]
				}
				longer = append(longer, n)
			}
		}
		list = longer
	}
	return list, nil
}

// newRun returns a run, with the flags with which train makes it.
func (f *sweepFlags) newRun(c combination, seed uint64) (*sweepRun, error) {
	r := &sweepRun{name: c.model, row: c.model, seed: seed, testOnly: *f.test, tta: *f.tta, set: flag.NewFlagSet("train", flag.ContinueOnError)}
	parsed := newTrainFlags(r.set)
	for _, name := range swept {
		value, given := c.values[name]
		if !given {
			continue
		}
		if err := r.set.Set(name, value); err != nil || value == "" {
			return nil, usagef("-%s: %q is no value of this flag", name, value)
		}
		if !c.named[name] {
			continue
		}
		value = strings.ToLower(r.set.Lookup(name).Value.String()) // 0.020 is 0.02
		r.name += "-" + name + value
		if name == "lr" {
			r.row += " at " + value
		} else {
			r.row += ", " + name + " " + value
		}
	}
	r.name += "-" + strconv.FormatUint(seed, 10)
	r.flags = parsed()
	r.flags.model, r.flags.dir, r.flags.seed = c.model, *f.dir, seed
	folder, err := runPath(*f.out)
	r.dir = filepath.Join(folder, r.name)
	return r, err
}

// seedsOf reads a list such as 1-3,7.
func seedsOf(list string) ([]uint64, error) {
	var seeds []uint64
	for item := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(item, "-")
		if !isRange {
			last = first
		}
		low, err1 := strconv.ParseUint(first, 10, 64)
		high, err2 := strconv.ParseUint(last, 10, 64)
		if err1 != nil || err2 != nil || low > high || high-low >= maxRuns {
			return nil, usagef("-seeds: %q, want whole numbers and ranges, such as 1-3,7, and at most %d runs", item, maxRuns)
		}
		for k := range high - low + 1 {
			seeds = append(seeds, low+k)
		}
	}
	return seeds, nil
}

// prepare returns the arguments of Fit, as train makes them.
func (r *sweepRun) prepare(s *session) (*fashion.Network, *fashion.Loader, fashion.Training, error) {
	one := *s
	one.flags = r.set
	net, loader, training, err := r.flags.prepare(&one)
	training.Run = r.dir
	return net, loader, training, err
}

// look opens the run if it exists. A run of another training is an error.
func (r *sweepRun) look(s *session) error {
	net, loader, training, err := r.prepare(s)
	if err != nil {
		return err
	}
	if training.Validation == nil && !r.testOnly {
		return usagef("run %s has no validation images; choose a smaller -split-size, or compare with -test", r.name)
	}
	r.parameters = net.Model.NumParameters()
	r.run, r.complete, err = net.Trained(loader, training)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && r.complete {
		r.test, err = readTest(r.run, r.tta)
	}
	return err
}

// lookAgain looks for what other parts have made since look.
func (r *sweepRun) lookAgain(s *session) (err error) {
	if !r.complete {
		return r.look(s)
	}
	r.test, err = readTest(r.run, r.tta)
	return err
}

// finish trains the rest of the run, and evaluates it on the test images.
func (r *sweepRun) finish(s *session, title string, test bool) error {
	if !r.complete {
		fmt.Fprintln(s.log, title)
		net, loader, training, err := r.prepare(s)
		if err != nil {
			return err
		}
		if _, err = net.FitContext(s.ctx, loader, training); err != nil {
			return err
		}
		if err := r.look(s); err != nil {
			return err
		}
	}
	if !test || r.test != nil {
		return nil
	}
	net, err := r.run.Network(nil)
	if err != nil {
		return err
	}
	if net, err = withViews(net, r.run, r.tta); err != nil {
		return err
	}
	e, err := s.evaluate(net, r.run, r.flags.dir, "test", defaultBatch)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := writeJSON(&text, testResult{r.run.Steps(), e}); err != nil {
		return err
	}
	views := ""
	if r.tta != "" {
		views = " with -tta " + r.tta
	}
	fmt.Fprintf(s.log, "%s: test accuracy %.4f%s\n", title, e.Accuracy, views)
	return atomicfile.Write(testFile(r.run.Dir, r.tta), text.Bytes())
}

// testFile returns the file in a run's folder with its result on the test images, with the views of -tta.
func testFile(dir, tta string) string {
	if tta != "" {
		tta = "-" + tta
	}
	return filepath.Join(dir, "test"+tta+".json")
}

// testResult is the content of such a file.
type testResult struct {
	// Steps is the number of training steps before the evaluation. After further steps the
	// result is no longer that of the run.
	Steps int `json:"steps"`
	*fashion.Evaluation
}

// readTest returns the stored result with the views of -tta, or nil if there is none of the run's weights.
func readTest(run *fashion.Run, tta string) (*testResult, error) {
	path := testFile(run.Dir, tta)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var result testResult
	if err := json.Unmarshal(text, &result); err != nil || result.Evaluation == nil {
		return nil, fmt.Errorf("%s is damaged (%v); remove it to evaluate the run again", path, err)
	}
	if result.Steps != run.Steps() {
		return nil, nil
	}
	return &result, nil
}
