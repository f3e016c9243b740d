package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"time"

	"fashionlab/fashion"
)

var benchCommand = command{
	name: "bench", usage: "-model M [-steps N] [-batch N] [-forward=BOOL]",
	short: "measure training steps and the forward pass",
	long: `
The images are synthetic, since the times do not depend on their content. Times
are medians with their range over several rounds. fashion/bench has a script that
measures PyTorch for comparison.`,
	setup: func(flags *flag.FlagSet) func(*session) error {
		name := modelFlag(flags)
		steps := flags.Int("steps", 50, "training steps in all, at least 5")
		batch := flags.Int("batch", defaultBatch, "images in a batch")
		forward := flags.Bool("forward", true, "measure the forward pass as well")
		return func(s *session) error {
			model, err := modelNamed(*name)
			if err != nil {
				return err
			}
			if *steps < benchRounds || *batch < 1 {
				return usagef("-steps %d -batch %d, want at least %d steps and 1 image", *steps, *batch, benchRounds)
			}
			r, err := bench(s, model, *steps, *batch, *forward)
			if err != nil {
				return err
			}
			return s.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "%s, batch %d, %s\n", r.Model, r.Batch, r.Backend)
				line := func(what string, x spread, unit string) {
					fmt.Fprintf(w, "%-24s %9.3f %s (%.3f to %.3f)\n", what, x.Median, unit, x.Min, x.Max)
				}
				line("training step", r.TrainStep, "ms")
				if *forward {
					line("evaluation batch", *r.EvalBatch, "ms")
					line("forward, 10,000 images", *r.Forward10000, "s")
				}
				fmt.Fprintf(w, "%-24s %9.3f s\n", "compiling", r.CompileSeconds)
			})
		}
	},
}

type benchResult struct {
	Model   string `json:"model"`
	Batch   int    `json:"batch"`
	Steps   int    `json:"steps"`
	Data    string `json:"data"`
	Backend string `json:"backend"`
	// TrainStep is the time of a training step, in milliseconds.
	TrainStep spread `json:"train_ms_per_step"`
	// EvalBatch is the time of one batch in evaluation mode, in milliseconds; nil
	// if the forward pass is not measured.
	EvalBatch *spread `json:"eval_ms_per_batch,omitempty"`
	// Forward10000 is the time to evaluate 10,000 images, in seconds.
	Forward10000 *spread `json:"forward_10000_seconds,omitempty"`
	// CompileSeconds is the time until the end of the first training step, minus the
	// time of a step.
	CompileSeconds float64 `json:"compile_seconds"`
}

// spread is the median and the range of several measurements.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(values []float64) spread {
	slices.Sort(values)
	n := len(values)
	return spread{Median: (values[(n-1)/2] + values[n/2]) / 2, Min: values[0], Max: values[n-1]}
}

const (
	// benchRounds is the number of measurements of training steps and of batches.
	benchRounds = 5
	// forwardRounds is the number of evaluations of all images, which take seconds.
	forwardRounds = 3
	// benchImages is the number of images in the test set.
	benchImages = 10000
)

// bench measures a model's training steps, with the model's default optimizer, and its
// forward pass. The steps are those of Fit. Each round is an epoch; an additional first
// epoch compiles the model and is not counted.
func bench(s *session, model *fashion.Model, steps, batch int, forward bool) (*benchResult, error) {
	perRound := steps / benchRounds
	data, err := fashion.Synthetic(1, max(benchImages, batch*perRound), 1)
	if err != nil {
		return nil, err
	}
	images := data.Train.All()
	images.Indices = images.Indices[:batch*perRound]
	loader, err := fashion.NewLoader(images, batch)
	if err != nil {
		return nil, err
	}
	net, err := model.Init(1)
	if err != nil {
		return nil, err
	}
	w := &stopwatch{start: time.Now(), perRound: perRound}
	history, err := net.FitContext(s.ctx, loader, fashion.Training{Epochs: 1 + benchRounds, Output: w})
	if err != nil {
		return nil, err
	}
	result := &benchResult{Model: model.Name(), Batch: batch, Steps: steps, Data: "synthetic", Backend: history.Backend}
	result.TrainStep = spreadOf(w.rounds)
	result.CompileSeconds = max(0, w.first.Seconds()-result.TrainStep.Median/1000)
	if !forward {
		return result, nil
	}
	return result, result.evaluation(net, data.Train, batch)
}

// evaluation measures the forward pass.
func (r *benchResult) evaluation(net *fashion.Network, d *fashion.Dataset, batch int) error {
	t, err := fashion.NewTrainer(net, net.Model.DefaultOptimizer())
	if err != nil {
		return err
	}
	defer t.Close()
	measure := func(images, size, rounds int, unit float64) (*spread, error) {
		subset := d.All()
		subset.Indices = subset.Indices[:images]
		loader, err := fashion.NewLoader(subset, size)
		if err != nil {
			return nil, err
		}
		var times []float64
		for round := range rounds + 1 {
			e, err := t.Evaluate(loader)
			if err != nil {
				return nil, err
			}
			if round > 0 { // the first round compiles
				times = append(times, e.Seconds*unit)
			}
		}
		s := spreadOf(times)
		return &s, nil
	}
	if r.EvalBatch, err = measure(batch, batch, benchRounds, 1000); err != nil {
		return err
	}
	r.Forward10000, err = measure(benchImages, batch, forwardRounds, 1)
	return err
}

// stopwatch is a fashion.Watcher that measures training steps.
type stopwatch struct {
	start    time.Time
	perRound int
	first    time.Duration // until the end of the first step
	rounds   []float64     // milliseconds of a step in each epoch except the first
	began    time.Time     // the start of the current epoch's training
	step     int
}

// Write ignores the lines.
func (*stopwatch) Write(p []byte) (int, error) { return len(p), nil }

// Watch measures the time. Fit calls it after every few steps, and at the end of an epoch twice:
// after the last step, and after the epoch's result was computed, when the next epoch begins.
func (w *stopwatch) Watch(s fashion.TrainingStatus) {
	now := time.Now()
	if w.step == 0 && s.Step > 0 {
		w.first = now.Sub(w.start)
	}
	if s.Step%w.perRound == 0 && s.Step > w.step && s.Step > w.perRound {
		w.rounds = append(w.rounds, now.Sub(w.began).Seconds()*1000/float64(w.perRound))
	}
	if w.step = s.Step; s.Step%w.perRound == 0 {
		w.began = now
	}
}
