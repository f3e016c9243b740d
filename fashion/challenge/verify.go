package challenge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"fashionlab/fashion"
	"fashionlab/fashion/internal/sample"
)

// Defaults of Options.
const (
	// DefaultLimit is the largest number of parameters, frozen ones included.
	DefaultLimit = 300_000
	// DefaultSteps is the number of first steps that are trained again.
	DefaultSteps = 50
	// AllSteps trains all steps again.
	AllSteps = math.MaxInt
)

// Options are the settings of Verify. The zero value of a field means its default.
type Options struct {
	// Name is that of the entry; default: the model's.
	Name string
	// Author, Link and Date are for the table.
	Author, Link, Date string
	// Views names the test-time augmentation, "flip" or "six"; default: none. See fashion.Run.Views.
	Views string
	// Limit is the largest number of parameters; default DefaultLimit.
	Limit int
	// Steps is the number of first steps that are trained again; default DefaultSteps.
	Steps int
	// AcceptOpen makes a doubt, which is for a person to decide, of two signs that are problems otherwise: an Open
	// comparison with the test images, and a recorded time that is much shorter than here, where other programs may run.
	AcceptOpen bool
	// Output receives a line for each step of the work; default: nothing is written.
	Output io.Writer
}

// Entry is a network for the table: the same training with one or more seeds.
type Entry struct {
	Name   string `json:"name"`
	Author string `json:"author,omitempty"`
	Link   string `json:"link,omitempty"`
	Date   string `json:"date,omitempty"`
	// Parameters counts all values of the model but the running statistics of batch norm. Frozen
	// parameters count.
	Parameters int      `json:"parameters"`
	Epochs     int      `json:"epochs"`
	Images     int      `json:"training_images"`
	Seeds      []uint64 `json:"seeds"`
	Views      string   `json:"tta,omitempty"`
	// Accuracies are those on the test images, one for each seed, computed here. Std is the
	// standard deviation of a sample; nil for one seed.
	Accuracies []float64 `json:"accuracies"`
	Mean       float64   `json:"mean"`
	Std        *float64  `json:"std"`
	// Minutes is the mean duration of a training with compilation. It is measured here if Complete, else it
	// is what the runs recorded; so are Processor and Backend.
	Minutes   float64 `json:"minutes"`
	Processor string  `json:"processor"`
	Backend   string  `json:"backend"`
	// Steps is the number of first steps of each run that were trained again; Complete is true
	// if these were all of them. Then Accuracies are those of the networks that were trained here.
	Steps    int  `json:"replayed_steps"`
	Complete bool `json:"complete"`
	// Runs has one report for each run.
	Runs []RunReport `json:"runs"`
	// Problems lists what speaks against the entry. An entry with problems is not for the table.
	Problems []string `json:"problems"`
	// Doubts lists what a person can decide; see Options.AcceptOpen.
	Doubts []string `json:"doubts"`

	networks []*fashion.Network // those of Accuracies, with the views
}

// RunReport is what Verify found about one run.
type RunReport struct {
	Run  string `json:"run"`
	Seed uint64 `json:"seed"`
	// Accuracy is that on the test images, computed here.
	Accuracy float64 `json:"accuracy"`
	// ReplayedSteps were trained again; the losses of the first EqualSteps are equal bit for bit, and
	// Difference is the largest relative difference of a loss.
	ReplayedSteps int     `json:"replayed_steps"`
	EqualSteps    int     `json:"equal_steps"`
	Difference    float64 `json:"difference"`
	// SameWeights reports whether the whole training was made again and gave the run's weights.
	SameWeights bool `json:"same_weights"`
	// RecordedMinutes is the duration that the run recorded, MinutesHere what it takes here: measured
	// if all steps were trained again, else estimated, or 0 if there were too few steps.
	RecordedMinutes float64      `json:"recorded_minutes"`
	MinutesHere     float64      `json:"minutes_here"`
	Memberships     []Membership `json:"memberships"`

	predicted []int
}

// Verify verifies the runs of one entry on data, which must be the official images. An entry that
// does not hold has Problems; the error is about what could not be computed.
func Verify(ctx context.Context, runs []*fashion.Run, data *fashion.Data, o Options) (*Entry, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("challenge: no runs, want at least 1")
	}
	if o.Limit < 0 || o.Steps < 0 {
		return nil, fmt.Errorf("challenge: at most %d parameters and %d steps, want 0 or more of each", o.Limit, o.Steps)
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	if o.Steps == 0 {
		o.Steps = DefaultSteps
	}
	if o.Output == nil {
		o.Output = io.Discard
	}
	e := &Entry{Name: o.Name, Author: o.Author, Link: o.Link, Date: o.Date, Views: o.Views, Complete: true, Problems: []string{}, Doubts: []string{}}
	if e.Name == "" {
		e.Name = runs[0].Config.Model
	}
	e.compare(runs)
	for _, run := range runs {
		if err := e.verify(ctx, run, data, o); err != nil {
			return nil, err
		}
	}
	e.summarise()
	return e, nil
}

// problem adds a problem of a run.
func (e *Entry) problem(run *fashion.Run, format string, args ...any) {
	e.Problems = append(e.Problems, fmt.Sprintf("run %s: ", run.Name())+fmt.Sprintf(format, args...))
}

// open notes what a person can decide: as a doubt with AcceptOpen, else as a problem.
func (e *Entry) open(run *fashion.Run, o Options, format string, args ...any) {
	if !o.AcceptOpen {
		e.problem(run, format, args...)
		return
	}
	e.Doubts = append(e.Doubts, fmt.Sprintf("run %s: ", run.Name())+fmt.Sprintf(format, args...))
}

// compare compares the runs' settings, which must be equal but for the seed.
func (e *Entry) compare(runs []*fashion.Run) {
	settings := func(r *fashion.Run) string {
		c := r.Config
		c.Seed, c.Order, c.Initial, c.Validation, c.Notes = 0, "", "", "", nil
		text, err := json.Marshal(c)
		return fmt.Sprint(string(text), r.Config.Validation == "", r.Steps(), err)
	}
	seeds := map[uint64]*fashion.Run{}
	for _, r := range runs {
		if other := seeds[r.Config.Seed]; other != nil {
			e.problem(r, "seed %d is that of run %s, too; want one run for each seed", r.Config.Seed, other.Name())
		}
		seeds[r.Config.Seed] = r
		if settings(r) != settings(runs[0]) {
			e.problem(r, "its settings are not those of run %s; the runs of an entry differ in their seeds only", runs[0].Name())
		}
	}
}

// verify verifies one run.
func (e *Entry) verify(ctx context.Context, run *fashion.Run, data *fashion.Data, o Options) error {
	net, err := run.Network(nil)
	if err != nil {
		e.problem(run, "its network cannot be made: %s", strings.TrimPrefix(err.Error(), "run "+run.Dir+": "))
		return nil
	}
	if bad := net.Weights.NotFinite(); len(bad) > 0 {
		e.problem(run, "weights are not finite: %s", bad[0])
		return nil
	}
	if e.Parameters, err = parameters(net.Model); err != nil {
		return err
	}
	if e.Parameters > o.Limit {
		e.problem(run, "%d parameters, want at most %d", e.Parameters, o.Limit)
		return nil // a large network takes long, and the answer would be the same
	}
	views, err := run.Views(o.Views)
	if err != nil {
		return err
	}
	training, err := run.Rebuild(data)
	if err != nil {
		e.problem(run, "%s", strings.TrimPrefix(err.Error(), "run "+run.Dir+": "))
		return nil
	}
	report := RunReport{Run: run.Name(), Seed: run.Config.Seed, RecordedMinutes: recordedSeconds(run) / 60}
	e.Epochs, e.Images = len(run.History.Epochs), training.Train.Subset().Len()
	steps := min(o.Steps, training.Steps())
	fmt.Fprintf(o.Output, "run %s: training %d of %d steps again\n", run.Name(), steps, training.Steps())
	replay, err := training.Replay(ctx, steps, nil)
	if err != nil {
		return err
	}
	e.compareReplay(run, training, replay, o, &report)
	if replay.Network != nil {
		if net, err = e.afterReplay(ctx, run, net, replay, data); err != nil {
			return err
		}
	}
	e.Complete = e.Complete && replay.Network != nil
	e.Steps = report.ReplayedSteps

	fmt.Fprintf(o.Output, "run %s: evaluating\n", run.Name())
	plain := net
	onTest, err := evaluate(ctx, plain, data.Test.All())
	if err != nil {
		return err
	}
	result := onTest
	if len(views) > 0 {
		if net, err = net.WithViews(views...); err != nil {
			return err
		}
		if result, err = evaluate(ctx, net, data.Test.All()); err != nil {
			return err
		}
	}
	report.Accuracy, report.predicted = result.Accuracy, result.Predicted
	for _, other := range e.Runs {
		if slices.Equal(other.predicted, report.predicted) {
			e.problem(run, "it predicts the same as run %s for every test image, so it is a copy", other.Run)
		}
	}
	if report.Memberships, err = memberships(ctx, plain, onTest, training.Train.Subset(), training.Held); err != nil {
		return err
	}
	for _, m := range report.Memberships {
		switch {
		case report.SameWeights: // the training was made again, without test images
		case m.Sign == Suspicious:
			e.problem(run, "%v: it looks as if it was trained on test images", m)
		case m.Sign == Open && m.Control == onTraining && replay.Network == nil:
			e.open(run, o, "%v: it cannot be told from a network that was trained on test images; only a replay of all steps decides", m)
		}
	}
	if err := e.compareValidation(ctx, run, training, net); err != nil {
		return err
	}
	if e.Complete {
		e.Processor, e.Backend = replay.History.Processor, replay.History.Backend
	} else {
		e.Processor, e.Backend = run.History.Processor, run.History.Backend
	}
	e.Runs, e.networks = append(e.Runs, report), append(e.networks, net)
	return nil
}

// parameters counts a model's parameters, frozen ones included.
func parameters(m *fashion.Model) (int, error) {
	s, err := m.Summary()
	if err != nil {
		return 0, err
	}
	return s.Parameters + s.Frozen, nil
}

// recordedSeconds returns the duration that a run recorded.
func recordedSeconds(r *fashion.Run) float64 {
	return max(r.History.WallSeconds, r.History.Seconds())
}

// evaluate evaluates a network on images.
func evaluate(ctx context.Context, net *fashion.Network, images fashion.Subset) (*fashion.Evaluation, error) {
	loader, err := fashion.NewLoader(images, images.Len())
	if err != nil {
		return nil, err
	}
	return net.EvaluateContext(ctx, loader)
}

// summarise computes the figures over all seeds.
func (e *Entry) summarise() {
	e.Seeds, e.Accuracies = []uint64{}, []float64{}
	for _, r := range e.Runs {
		e.Seeds, e.Accuracies = append(e.Seeds, r.Seed), append(e.Accuracies, r.Accuracy)
		minutes := r.RecordedMinutes
		if e.Complete {
			minutes = r.MinutesHere
		}
		e.Minutes += minutes / float64(len(e.Runs))
	}
	if len(e.Runs) == 0 {
		e.Complete = false
		return
	}
	mean, variance := sample.Moments(e.Accuracies)
	e.Mean = mean
	if len(e.Runs) > 1 {
		std := math.Sqrt(variance)
		e.Std = &std
	}
}
