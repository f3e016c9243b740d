package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"fashionlab/fashion"
)

var evalCommand = command{
	name: "eval", usage: "-run DIR [-split train|validation|test] [-batch N] [-tta flip|six]",
	short: "compute a run's loss, accuracy and confusion matrix",
	long: `
Loss and accuracy are means over the images. The means of the batches' means
differ slightly when the last batch is smaller; only they depend on -batch. The
splits train and validation are those of the run's training.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		run, dir := runFlag(flags), dirFlag(flags)
		part := flags.String("split", "test", "train, validation or test")
		batch := flags.Int("batch", defaultBatch, "images in a batch")
		tta := ttaFlag(flags)
		return func(s *session) error {
			if *part != "train" && *part != "validation" && *part != "test" {
				return usagef("-split %q, want train, validation or test", *part)
			}
			net, r, err := openRun(*run)
			if err != nil {
				return err
			}
			if net, err = withViews(net, r, *tta); err != nil {
				return err
			}
			e, err := s.evaluate(net, r, *dir, *part, *batch)
			if err != nil {
				return err
			}
			err = s.print(e, func(w io.Writer) { printEvaluation(w, r, *part, e) })
			return errors.Join(checkFinite(r, net, e.Loss), err)
		}
	},
}

// evaluate evaluates the network of a run on one of its splits.
func (s *session) evaluate(net *fashion.Network, r *fashion.Run, dir, part string, batch int) (*fashion.Evaluation, error) {
	data, err := s.load(fashion.LoadOptions{Dir: dir})
	if err != nil {
		return nil, err
	}
	subset, err := subsetOf(data, r, part)
	if err != nil {
		return nil, err
	}
	loader, err := fashion.NewLoader(subset, batch)
	if err != nil {
		return nil, usageError{err}
	}
	return net.EvaluateContext(s.ctx, loader)
}

// checkFinite returns an error if a value that a run's network computed is not finite.
func checkFinite(r *fashion.Run, net *fashion.Network, values ...float64) error {
	for _, x := range values {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			continue
		}
		if names := net.Weights.NotFinite(); len(names) > 0 {
			return fmt.Errorf("run %s: an output is %v, since weights are not finite (%s): the training diverged, or the imported file had such weights; train again with a smaller -lr", r.Dir, x, strings.Join(names, ", "))
		}
		return fmt.Errorf("run %s: an output is %v: the weights are too large; train again with a smaller -lr", r.Dir, x)
	}
	return nil
}

// openRun opens a run and its network.
func openRun(name string) (*fashion.Network, *fashion.Run, error) {
	path, err := runPath(name)
	if err != nil {
		return nil, nil, err
	}
	r, err := fashion.OpenRun(path)
	if err != nil {
		return nil, nil, err
	}
	net, err := r.Network(nil)
	return net, r, err
}

// subsetOf returns the images of one split of a run.
func subsetOf(data *fashion.Data, r *fashion.Run, part string) (fashion.Subset, error) {
	if part == "test" {
		return data.Test.All(), nil
	}
	f := trainFlags{splitSize: defaultSplit, shuffle: true}
	var err error
	if f.splitSize, err = noteInt(r.Config.Notes, noteSplitSize, defaultSplit); err != nil {
		return fashion.Subset{}, err
	}
	if text, ok := r.Config.Notes[noteSeed]; ok {
		if f.seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			return fashion.Subset{}, fmt.Errorf("the run's note %q is %q, want a whole number", noteSeed, text)
		}
	} else {
		return fashion.Subset{}, fmt.Errorf("run %s has no note about the split of its images; -split test works", r.Dir)
	}
	f.shuffle = r.Config.Notes[noteShuffle] != "false"
	train, validation, err := f.subsets(data)
	if err != nil || part == "train" {
		return train, err
	}
	if validation.Len() == 0 {
		return validation, fmt.Errorf("run %s was trained on all training images, so it has no validation split; use -split train or test", r.Dir)
	}
	return validation, nil
}

func printEvaluation(w io.Writer, r *fashion.Run, part string, e *fashion.Evaluation) {
	fmt.Fprintf(w, "%s on %d images of %s: loss %.4f, accuracy %.4f (%.2f s)\n", r.Config.Model, len(e.Predicted), part, e.Loss, e.Accuracy, e.Seconds)
	fmt.Fprintf(w, "means of the batches' means: loss %.4f, accuracy %.4f\n\n", e.BatchMeanLoss, e.BatchMeanAccuracy)
	fmt.Fprintf(w, "%-14s%s\n", "label", " predicted")
	for label, row := range e.Confusion {
		fmt.Fprintf(w, "%-14s", fashion.ClassNames[label])
		for _, count := range row {
			fmt.Fprintf(w, "%6d", count)
		}
		fmt.Fprintln(w)
	}
}
