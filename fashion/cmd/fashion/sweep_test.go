package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"flag"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/flock"
)

// small makes trainings of two short epochs, and two models of two seeds.
func small(out string, more ...string) []string {
	return append([]string{"sweep", "-out", out, "-models", "softmax,softmax:lr=0.02", "-seeds", "1-2", "-epochs", "2", "-split-size", "500"}, more...)
}

// smallRuns are the names of the runs of small.
var smallRuns = []string{"softmax-1", "softmax-2", "softmax-lr0.02-1", "softmax-lr0.02-2"}

// stopper cancels a context at the first output that contains a text.
type stopper struct {
	bytes.Buffer
	at   string
	stop context.CancelFunc
}

func (s *stopper) Write(p []byte) (int, error) {
	n, err := s.Buffer.Write(p)
	if strings.Contains(s.String(), s.at) {
		s.stop()
	}
	return n, err
}

// interrupt executes a command line that is stopped when its log contains a text.
func interrupt(t *testing.T, at string, args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	log := &stopper{at: at, stop: stop}
	var out bytes.Buffer
	if status := run(ctx, args, &out, log); status != exitFailed || out.Len() > 0 || !strings.Contains(log.String(), "interrupted") {
		t.Fatalf("fashion %v, stopped at %q: status %d, %q, %s", args, at, status, out.String(), log.String())
	}
	if args[0] == "sweep" && !strings.Contains(log.String(), "the same command goes on") {
		t.Errorf("an interrupted sweep does not tell how to go on: %s", log.String())
	}
}

// wantEqualRuns compares the weights, losses and settings of runs bit for bit.
func wantEqualRuns(t *testing.T, got, want string) {
	t.Helper()
	a, err := fashion.OpenRun(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fashion.OpenRun(want)
	if err != nil {
		t.Fatal(err)
	}
	x, err1 := a.Network(nil)
	y, err2 := b.Network(nil)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	for _, name := range y.Weights.Names() {
		v, _ := x.Weights.Get(name)
		w, _ := y.Weights.Get(name)
		if !slices.Equal(v.Data, w.Data) {
			t.Errorf("%s and %s differ in %s", got, want, name)
		}
	}
	if !slices.Equal(a.History.StepLosses, b.History.StepLosses) || !slices.Equal(a.History.ValLosses(), b.History.ValLosses()) {
		t.Errorf("%s and %s differ in their losses", got, want)
	}
	if !reflect.DeepEqual(a.Config, b.Config) {
		t.Errorf("%s and %s differ in their settings", got, want)
	}
}

// checkpoints returns the content of the runs' checkpoints.
func checkpoints(t *testing.T, out string, names ...string) (all []string) {
	t.Helper()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(out, name, "checkpoint.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

func TestASweepInterruptedTwiceEqualsAnUninterruptedOneAndTheRunsOfTrain(t *testing.T) {
	whole, stopped, trained := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "r")
	result := succeed(t, small(whole)...)
	if missing := result["missing"].([]any); len(missing) != 0 || result["split"] != "validation" {
		t.Errorf("%v, want nothing missing, of validation", result)
	}
	interrupt(t, "softmax-1 (run 0 of 4)", small(stopped)...)
	interrupt(t, "softmax-lr0.02-1 (run 2 of 4)\n", small(stopped)...)
	again := succeed(t, small(stopped)...)
	for _, name := range smallRuns {
		wantEqualRuns(t, filepath.Join(stopped, name), filepath.Join(whole, name))
	}
	for i, row := range result["table"].([]any) {
		if other := again["table"].([]any)[i].(map[string]any); !reflect.DeepEqual(row.(map[string]any)["accuracies"], other["accuracies"]) {
			t.Errorf("row %d: %v, uninterrupted %v", i, other, row)
		}
	}
	succeed(t, "train", "-model", "softmax", "-lr", "0.02", "-seed", "2", "-epochs", "2", "-split-size", "500", "-run", trained)
	wantEqualRuns(t, filepath.Join(whole, "softmax-lr0.02-2"), trained)
}

func TestASweepInThreePartsEqualsOne(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	succeed(t, small(whole)...)
	for part, missing := range []int{2, 1, 0} {
		result := succeed(t, small(parts, "-part", fmt.Sprintf("%d/3", part))...)
		if names := result["missing"].([]any); len(names) != missing {
			t.Errorf("after part %d: %v are missing, want %d", part, names, missing)
		}
	}
	for _, name := range smallRuns {
		wantEqualRuns(t, filepath.Join(parts, name), filepath.Join(whole, name))
	}
}

func TestASweepKeepsFinishedRunsAndContinuesThoseOfTrain(t *testing.T) {
	out := t.TempDir()
	train := func(seed string) []string {
		return []string{"train", "-model", "softmax", "-seed", seed, "-epochs", "2", "-split-size", "500", "-run", filepath.Join(out, "softmax-"+seed)}
	}
	succeed(t, train("1")...)
	interrupt(t, "epoch 1", train("2")...)
	before := checkpoints(t, out, "softmax-1")
	_, _, log := invoke(small(out)...)
	if !slices.Equal(before, checkpoints(t, out, "softmax-1")) || strings.Contains(log, "softmax-1 ") {
		t.Errorf("a finished run was trained again: %s", log)
	}
	if !strings.Contains(log, "continuing after ") {
		t.Errorf("a run that train began was not continued: %s", log)
	}
	whole := t.TempDir()
	succeed(t, small(whole)...)
	wantEqualRuns(t, filepath.Join(out, "softmax-2"), filepath.Join(whole, "softmax-2"))

	all := checkpoints(t, out, smallRuns...)
	if _, _, log := invoke(small(out)...); log != "" || !slices.Equal(all, checkpoints(t, out, smallRuns...)) {
		t.Errorf("a finished sweep did something again: %s", log)
	}
	interrupt(t, "softmax-3", small(out, "-seeds", "3")...)
	succeed(t, "train", "-resume", "-epochs", "2", "-run", filepath.Join(out, "softmax-3"))
	succeed(t, small(whole, "-seeds", "3")...)
	wantEqualRuns(t, filepath.Join(out, "softmax-3"), filepath.Join(whole, "softmax-3"))
}

func TestTheTestImagesAreEvaluatedOnceAndOnlyWithTheFlag(t *testing.T) {
	out := t.TempDir()
	file := filepath.Join(out, "softmax-1", "test.json")
	args := []string{"sweep", "-out", out, "-models", "softmax", "-seeds", "1", "-epochs", "1", "-split-size", "500"}
	succeed(t, args...)
	if _, err := os.Stat(file); err == nil {
		t.Fatal("evaluated on the test images without -test")
	}
	accuracy := func(result map[string]any) float64 {
		return result["table"].([]any)[0].(map[string]any)["mean"].(float64)
	}
	got := accuracy(succeed(t, append(args, "-test")...))
	eval := succeed(t, "eval", "-run", filepath.Join(out, "softmax-1"))
	if got != eval["accuracy"] {
		t.Errorf("test accuracy %v, eval %v", got, eval["accuracy"])
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	mark := bytes.Replace(text, fmt.Appendf(nil, `"accuracy":%v`, got), []byte(`"accuracy":0.125`), 1)
	if err := os.WriteFile(file, mark, 0o644); err != nil {
		t.Fatal(err)
	}
	if again := accuracy(succeed(t, append(args, "-test")...)); again != 0.125 {
		t.Errorf("%v, want the stored 0.125: evaluated again", again)
	}
	// With views it is another result, beside the first one.
	views := succeed(t, append(args, "-test", "-tta", "six")...)
	if eval := succeed(t, "eval", "-tta", "six", "-run", filepath.Join(out, "softmax-1")); accuracy(views) != eval["accuracy"] || views["tta"] != "six" {
		t.Errorf("six views: test accuracy %v (views %v), eval %v", accuracy(views), views["tta"], eval["accuracy"])
	}
	if again := accuracy(succeed(t, append(args, "-test")...)); again != 0.125 {
		t.Errorf("%v after an evaluation with views, want the stored 0.125", again)
	}
	for _, wrong := range [][]string{{"-tta", "six"}, {"-test", "-tta", "seven"}} {
		if status, _, stderr := invoke(append(args, wrong...)...); status != exitUsage || !strings.Contains(stderr, "-tta") {
			t.Errorf("%q: status %d, %s", wrong, status, stderr)
		}
	}
	// Another epoch makes other weights, and the stored result is not theirs.
	longer := slices.Replace(slices.Clone(args), 8, 9, "2")
	if result := succeed(t, append(longer, "-test")...); accuracy(result) == 0.125 {
		t.Error("the result of earlier weights counts for later ones")
	}
	if err := os.WriteFile(file, text[:20], 0o644); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := invoke(append(longer, "-test")...); status != exitFailed || !strings.Contains(stderr, "test.json is damaged") {
		t.Errorf("a damaged result: status %d, %s", status, stderr)
	}
}

func TestARunWithOtherSettingsIsAnErrorBeforeAnyTraining(t *testing.T) {
	out := t.TempDir()
	succeed(t, small(out, "-seeds", "2")...)
	for says, more := range map[string][]string{
		"optimizer":          {"-lr", "0.1"},
		"batch size":         {"-batch", "64"},
		"already has 2":      {"-epochs", "1"},
		"order of the image": {"-split-size", "400"},
	} {
		status, _, stderr := invoke(small(out, more...)...)
		if status != exitFailed || !strings.Contains(stderr, says) || !strings.Contains(stderr, filepath.Join(out, "softmax-2")) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: status %d, %q, want one line with %q and the run", more, status, stderr, says)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "softmax-1")); err == nil {
		t.Error("a run was begun next to one with other settings")
	}
}

func TestARunThatAnotherProcessTrainsIsLeftToIt(t *testing.T) {
	out := t.TempDir()
	busy := filepath.Join(out, "softmax-1")
	if err := os.Mkdir(busy, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := flock.TryLock(filepath.Join(busy, "lock"))
	if err != nil {
		t.Skip(err)
	}
	defer unlock()
	status, stdout, stderr := invoke(small(out, "-json")...)
	result := decode(t, stdout)
	if status != exitFailed || !strings.Contains(stderr, "another process") || fmt.Sprint(result["missing"]) != "[softmax-1]" {
		t.Errorf("status %d, missing %v: %s", status, result["missing"], stderr)
	}
}

func TestADivergedRunDoesNotStopTheOthers(t *testing.T) {
	out := t.TempDir()
	status, stdout, stderr := invoke("sweep", "-out", out, "-models", "softmax:lr=3e38,softmax", "-seeds", "1", "-epochs", "1", "-split-size", "500")
	if status != exitFailed || !strings.Contains(stderr, "smaller learning rate") || !strings.Contains(stdout, "softmax  ") || !strings.Contains(stdout, "softmax-lr3e+38-1: ") {
		t.Errorf("status %d, %s\n%s", status, stdout, stderr)
	}
}

func TestRunsAreNamedByWhatVaries(t *testing.T) {
	for want, args := range map[string][]string{
		"cnn-1 cnn-2 cnn-7":                   {"-models", "cnn", "-seeds", "1-2,7", "-lr", "0.01"},
		"cnn-lr0.02-1 cnn-lr0.001-1":          {"-models", "cnn", "-seeds", "1", "-lr", "0.020,1e-3"},
		"cnn-lr0.5-1 softmax-1":               {"-models", "cnn:lr=0.5,softmax", "-seeds", "1", "-lr", "0.1"},
		"cnn-batch64-1 cnn-batch32-1":         {"-models", "cnn", "-seeds", "1", "-batch", "64,32"},
		"cnn-optimizeradam-shufflefalse-1":    {"-models", "cnn:shuffle=false:optimizer=Adam", "-seeds", "1"},
		"cnn-lr1-epochs2-1 cnn-lr1-epochs3-1": {"-models", "cnn:lr=1", "-seeds", "1", "-epochs", "2,3"},
	} {
		f := parsedSweep(t, args...)
		runs, err := f.plan()
		if err != nil {
			t.Error(err)
		}
		var names []string
		for _, r := range runs {
			names = append(names, r.name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%v: %s, want %s", args, got, want)
		}
	}
}

func TestWrongSweepsEndWithStatus2AndMakeNothing(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct{ says, args string }{
		{"-seeds", "-seeds 3-1"}, {"-seeds", "-seeds one"}, {"-seeds", "-seeds 1,,2"}, {"-seeds", "-seeds 0-18446744073709551615"}, {"-seeds", "-seeds 1-"},
		{"twice", "-seeds 1,1"}, {"twice", "-models cnn,cnn"}, {"twice", "-lr 0.1,0.10"},
		{"-part", "-part 3/3"}, {"-part", "-part -1/3"}, {"-part", "-part 1"}, {"-part", "-part 0/0"}, {"-part", "-part 1/3/4"},
		{"resnet", "-models resnet"}, {"-models", "-models cnn:seed=3"}, {"-models", "-models cnn:lr"}, {"-models", "-models cnn:lr=1:lr=2"},
		{"-lr", "-lr fast"}, {"learning rate", "-lr 0"}, {"-epochs", "-epochs 2,0"}, {"-batch", "-batch 1,,2"}, {"sgd", "-optimizer lion"},
		{"validation", "-split-size 60000"}, {"-split-size", "-split-size 60001"}, {"one of them", "-markdown -json"},
		{".svg", "-plot table.pdf"}, {"-original", "-original cnn=1.1"}, {"no row", "-original resnet=0.9"}, {"runs", "-seeds 1-9000"},
	} {
		status, stdout, stderr := invoke(append([]string{"sweep", "-out", out}, strings.Fields(c.args)...)...)
		if status != exitUsage || stdout != "" || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("fashion sweep %s: status %d, %q; want %d and one line with %q", c.args, status, stderr, exitUsage, c.says)
		}
	}
	if status, _, stderr := invoke("sweep"); status != exitUsage || !strings.Contains(stderr, "-out is missing") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a wrong command line made a folder")
	}
}

func TestTheTableHasTheStatisticsOfASample(t *testing.T) {
	// The data set NumAcc1 of NIST: mean 10000002, standard deviation 1.
	row := &sweepRow{Accuracies: []float64{10000001, 10000003, 10000002}, Minutes: 6}
	row.summarise()
	if row.Mean != 10000002 || *row.Std != 1 || row.Lowest != 10000001 || row.Highest != 10000003 || row.Seeds != 3 || row.Minutes != 2 {
		t.Errorf("%+v, std %v", row, *row.Std)
	}
	one := &sweepRow{Accuracies: []float64{0.5}}
	if one.summarise(); one.Std != nil || one.Mean != 0.5 {
		t.Errorf("one seed: %+v", one)
	}
}

func TestTheTableIsPrintedAsTextAndMarkdownAndDrawn(t *testing.T) {
	out := t.TempDir()
	svg, picture := filepath.Join(out, "p.svg"), filepath.Join(out, "p.png")
	result := succeed(t, small(out, "-plot", svg)...)
	row := result["table"].([]any)[1].(map[string]any)
	wantFields(t, "sweep", row, "name", "accuracies", "mean", "std", "lowest", "highest", "seeds", "parameters", "minutes")
	a := row["accuracies"].([]any)
	first, second := a[0].(float64), a[1].(float64)
	if math.Abs(row["std"].(float64)-math.Abs(first-second)/math.Sqrt2) > 1e-12 || row["parameters"] != 7850.0 {
		t.Errorf("%v", row)
	}
	_, text, _ := invoke(small(out)...)
	want := fmt.Sprintf("%.4f", (first+second)/2)
	if !strings.Contains(text, "softmax at 0.02  "+want) || strings.Count(text, "\n") != 3 {
		t.Errorf("the table is\n%s", text)
	}
	_, text, _ = invoke(small(out, "-markdown", "-original", "softmax=0.708", "-plot", picture, "-seeds", "1-3", "-part", "0/6")...)
	want = fmt.Sprintf("| softmax at 0.02 | %.3f (%.3f–%.3f) | 2 | – |\n", (first+second)/2, min(first, second), max(first, second))
	if !strings.Contains(text, want) || !strings.HasPrefix(text, "| run | validation accuracy: mean (range) | seeds | original |\n") ||
		!strings.Contains(text, "| 2 | 0.708 |") || !strings.Contains(text, "\nsoftmax-3: missing\n") {
		t.Errorf("the table is\n%s\nwant %s", text, want)
	}
	drawn, err := os.ReadFile(svg)
	if err != nil || xml.Unmarshal(drawn, new(struct{})) != nil || !bytes.Contains(drawn, []byte("softmax at 0.02")) {
		t.Errorf("no plot in %s (%v)", svg, err)
	}
	file, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := png.Decode(file); err != nil {
		t.Error(err)
	}
}

// parsedSweep returns the flags of a command line.
func parsedSweep(t *testing.T, args ...string) *sweepFlags {
	t.Helper()
	flags := flag.NewFlagSet("sweep", flag.ContinueOnError)
	f := newSweepFlags(flags)
	if err := flags.Parse(append([]string{"-out", "runs"}, args...)); err != nil {
		t.Fatal(err)
	}
	return f
}
