package main

import (
	"flag"
	"slices"
	"strings"

	"fashionlab/fashion"
)

// settingFlags are the flags of train that a plain training of the homework does not need.
type settingFlags struct {
	momentum, decay, smoothing, clip, ema float64
	nesterov, keepBest                    bool
	schedule, monitor                     string
	patience                              int
}

// schedules are the values of -schedule.
var schedules = map[string]fashion.Schedule{
	"constant":   {},
	"onecycle":   fashion.OneCycleLR(),
	"cosine":     fashion.CosineAnnealingLR(),
	"linear":     fashion.LinearLR(1, 0, 0),
	"triangular": fashion.TriangularLR(0.2),
}

// monitors are the values of -monitor.
var monitors = map[string]fashion.Measure{"loss": fashion.ByLoss, "accuracy": fashion.ByAccuracy}

// oneOf lists the keys of a flag's values.
func oneOf[V any](values map[string]V) string {
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func (f *settingFlags) setup(flags *flag.FlagSet) {
	flags.Float64Var(&f.momentum, "momentum", 0, "momentum of sgd, in [0, 1)")
	flags.BoolVar(&f.nesterov, "nesterov", false, "Nesterov's form of the momentum")
	flags.Float64Var(&f.decay, "weight-decay", 0, "weight decay of all parameters; default: 0.01 for adamw, 0 for the others")
	flags.StringVar(&f.schedule, "schedule", "constant", "the learning rate from step to step: "+oneOf(schedules)+
		"; -lr is the highest rate. linear falls to 0, triangular rises in a fifth of the steps and falls to 0")
	flags.Float64Var(&f.smoothing, "label-smoothing", 0, "label smoothing in the training loss, in [0, 1)")
	flags.Float64Var(&f.clip, "clip", 0, "largest total norm of the gradients; 0 is no limit")
	flags.Float64Var(&f.ema, "ema", 0, "decay of a moving average of the weights, such as 0.99, which becomes the result; 0 is no average")
	flags.BoolVar(&f.keepBest, "keep-best", false, "keep the weights of the best epoch on the validation images, in place of the last")
	flags.IntVar(&f.patience, "patience", 0, "stop after so many epochs in a row without a better one; 0 is never")
	flags.StringVar(&f.monitor, "monitor", "loss", "the measure of -keep-best and -patience on the validation images: "+oneOf(monitors))
}

// apply sets a training's settings to those of the flags that are given.
func (f *settingFlags) apply(s *session, t *fashion.Training) error {
	schedule, known := schedules[f.schedule]
	if !known {
		return usagef("-schedule %s, want %s", f.schedule, oneOf(schedules))
	}
	monitor, known := monitors[f.monitor]
	if !known {
		return usagef("-monitor %s, want %s", f.monitor, oneOf(monitors))
	}
	for name, set := range map[string]func(){
		"momentum":        func() { t.Optimizer.Momentum = f.momentum },
		"nesterov":        func() { t.Optimizer.Nesterov = f.nesterov },
		"weight-decay":    func() { t.Optimizer.WeightDecay = f.decay },
		"schedule":        func() { t.Schedule = schedule },
		"label-smoothing": func() { t.LabelSmoothing = f.smoothing },
		"clip":            func() { t.ClipNorm = f.clip },
		"ema":             func() { t.EMA = fashion.EMA{Decay: f.ema} }, // 0 is no average
		"keep-best":       func() { t.KeepBest = f.keepBest },
		"patience":        func() { t.Patience = f.patience },
		"monitor":         func() { t.Monitor = monitor },
	} {
		if s.isSet(name) {
			set()
		}
	}
	return nil
}
