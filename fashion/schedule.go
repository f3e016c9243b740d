package fashion

import (
	"fmt"
	"math"
)

// Schedule changes the learning rate from step to step. The schedules are those of
// torch.optim.lr_scheduler by name, default and value, with one call of scheduler.step() after
// each training step. The zero value is a constant rate. OneCycleLR, CosineAnnealingLR, LinearLR,
// StepLR and TriangularLR return schedules; their fields can be changed afterwards. Two schedules
// with the same settings are equal (==).
type Schedule struct {
	// Name is "onecycle", "cosine", "linear", "step" or "triangular".
	Name string `json:"name"`
	// Steps is the total_iters of "linear", the step_size of "step", and the T_max of "cosine",
	// in steps. For "linear" and "cosine" 0 stands for all steps of the training after the
	// warm-up.
	Steps int `json:"steps,omitempty"`
	// Rise is the share of the steps in which the rate rises: the pct_start of "onecycle", and
	// that of "triangular".
	Rise float64 `json:"rise,omitempty"`
	// DivFactor and FinalDivFactor are those of "onecycle": it begins at the optimizer's rate
	// divided by DivFactor, and ends at its first rate divided by FinalDivFactor.
	DivFactor      float64 `json:"div_factor,omitempty"`
	FinalDivFactor float64 `json:"final_div_factor,omitempty"`
	// LinearAnneal is the anneal_strategy "linear" of "onecycle" in place of "cos".
	LinearAnneal bool `json:"linear_anneal,omitempty"`
	// BaseMomentum and MaxMomentum are those of "onecycle", which moves the momentum of SGD or
	// the first beta of Adam against the rate (cycle_momentum). Two zeros turn that off.
	BaseMomentum float64 `json:"base_momentum,omitempty"`
	MaxMomentum  float64 `json:"max_momentum,omitempty"`
	// EtaMin is the last rate of "cosine".
	EtaMin float64 `json:"eta_min,omitempty"`
	// StartFactor and EndFactor are those of "linear".
	StartFactor float64 `json:"start_factor,omitempty"`
	EndFactor   float64 `json:"end_factor,omitempty"`
	// Gamma is the factor of "step".
	Gamma float64 `json:"gamma,omitempty"`
	// WarmUpSteps and WarmUpStart are the settings of WithWarmUp.
	WarmUpSteps int     `json:"warm_up_steps,omitempty"`
	WarmUpStart float64 `json:"warm_up_start,omitempty"`
}

// OneCycleLR is torch.optim.lr_scheduler.OneCycleLR with PyTorch's defaults; max_lr is the
// optimizer's learning rate. The rate rises along a cosine from 1/25 of it in 0.3 of the steps,
// then falls along a cosine to 1/250,000 of it, while the momentum (Adam's first beta) falls
// from 0.95 to 0.85 and rises again. PyTorch's three_phase is false.
func OneCycleLR() Schedule {
	return Schedule{Name: "onecycle", Rise: 0.3, DivFactor: 25, FinalDivFactor: 1e4, BaseMomentum: 0.85, MaxMomentum: 0.95}
}

// CosineAnnealingLR is torch.optim.lr_scheduler.CosineAnnealingLR with T_max equal to the number of
// steps and eta_min 0, PyTorch's default: half a cosine from the optimizer's rate to 0.
func CosineAnnealingLR() Schedule { return Schedule{Name: "cosine"} }

// LinearLR is torch.optim.lr_scheduler.LinearLR: the factor of the rate changes linearly from
// start to end in the given number of steps, and is constant afterwards. With 0 steps it changes
// during the whole training. PyTorch's defaults are 1/3, 1 and 5.
func LinearLR(start, end float64, steps int) Schedule {
	return Schedule{Name: "linear", StartFactor: start, EndFactor: end, Steps: steps}
}

// StepLR is torch.optim.lr_scheduler.StepLR: every size steps the rate is multiplied by gamma.
// PyTorch's default for gamma is 0.1. For a size in epochs, multiply by Loader.Len.
func StepLR(size int, gamma float64) Schedule {
	return Schedule{Name: "step", Steps: size, Gamma: gamma}
}

// TriangularLR rises linearly from 0 to the optimizer's rate in the given share of the steps, in
// (0, 1), and falls linearly to 0 in the others, as torch.optim.lr_scheduler.CyclicLR does in one
// cycle with base_lr 0 and cycle_momentum=False.
func TriangularLR(rise float64) Schedule { return Schedule{Name: "triangular", Rise: rise} }

// WithWarmUp returns the schedule after a warm-up: in the given number of steps the rate rises
// linearly from start times the optimizer's rate to all of it, then the schedule begins. It is
// SequentialLR of LinearLR(start_factor=start, total_iters=steps) and the schedule. The zero
// Schedule with a warm-up stays at the optimizer's rate.
func (s Schedule) WithWarmUp(steps int, start float64) Schedule {
	s.WarmUpSteps, s.WarmUpStart = steps, start
	return s
}

// Rate returns the learning rate of a step, from 0, in a training of total steps with an optimizer
// of rate base. A step after the last has the last one's rate.
func (s Schedule) Rate(base float64, step, total int) float64 {
	step = max(0, min(step, total-1))
	if step < s.WarmUpSteps {
		return base * (s.WarmUpStart + (1-s.WarmUpStart)*float64(step)/float64(s.WarmUpSteps))
	}
	step, total = step-s.WarmUpSteps, total-s.WarmUpSteps
	t, all := float64(step), float64(total)
	span := all
	if s.Steps > 0 {
		span = float64(s.Steps)
	}
	switch s.Name {
	case "onecycle":
		first := base / s.DivFactor
		return s.cycle(first, base, first/s.FinalDivFactor, t, all)
	case "cosine":
		return s.EtaMin + (base-s.EtaMin)*(1+math.Cos(math.Pi*t/span))/2
	case "linear":
		return base * (s.StartFactor + (s.EndFactor-s.StartFactor)*min(t/span, 1))
	case "step":
		return base * math.Pow(s.Gamma, float64(step/s.Steps))
	case "triangular":
		rise := s.Rise * all
		return base * min(t/rise, (all-t)/(all-rise))
	}
	return base
}

// momentum returns the momentum or first beta of a step; see Rate.
func (s Schedule) momentum(step, total int) float64 {
	return s.cycle(s.MaxMomentum, s.BaseMomentum, s.MaxMomentum, float64(max(0, min(step, total-1))), float64(total))
}

// cycle is OneCycleLR's way from first over top to last.
func (s Schedule) cycle(first, top, last, t, total float64) float64 {
	from, to, start, end := first, top, 0.0, s.Rise*total-1
	if t > end {
		from, to, start, end = top, last, end, total-1
	}
	share := 1.0
	if end > start {
		share = (t - start) / (end - start)
	}
	if s.LinearAnneal {
		return from + (to-from)*share
	}
	return to + (from-to)/2*(1+math.Cos(math.Pi*share))
}

// cycles reports whether the schedule changes the momentum.
func (s Schedule) cycles() bool { return s.Name == "onecycle" && s.MaxMomentum != 0 }

// constant reports whether the rate is the same in all steps.
func (s Schedule) constant() bool { return s == Schedule{} }

// optimizer returns the optimizer with the first step's momentum. PyTorch's OneCycleLR sets it,
// too, for SGD without momentum as well.
func (s Schedule) optimizer(o Optimizer) Optimizer {
	switch {
	case !s.cycles():
	case o.Name == "sgd":
		o.Momentum = s.MaxMomentum
	default:
		_, beta2 := o.betas()
		o.Betas = [2]float64{s.MaxMomentum, beta2}
	}
	return o
}

// Check returns an error if the name is not that of a schedule, or if a setting is out of its
// range.
func (s Schedule) Check() error {
	share := func(x float64) bool { return x > 0 && x < 1 }
	positive := func(x float64) bool { return x > 0 && isFinite(x) }
	switch {
	case s.Steps < 0 || s.WarmUpSteps < 0:
		return fmt.Errorf("schedule %q: %d steps and %d of warm-up, want 0 or more of each", s.Name, s.Steps, s.WarmUpSteps)
	case s.WarmUpSteps > 0 && !(s.WarmUpStart >= 0 && s.WarmUpStart <= 1):
		return fmt.Errorf("schedule %q: a warm-up from %v times the rate, want a factor in [0, 1]", s.Name, s.WarmUpStart)
	case s.WarmUpSteps > 0 && (s.Name == "onecycle" || s.Name == "triangular"):
		return fmt.Errorf("schedule %q with a warm-up, want none: the schedule has its own", s.Name)
	}
	switch s.Name {
	case "":
		if s != (Schedule{}).WithWarmUp(s.WarmUpSteps, s.WarmUpStart) {
			return fmt.Errorf("a schedule without a name, want onecycle, cosine, linear, step or triangular")
		}
	case "onecycle":
		if !share(s.Rise) || !positive(s.DivFactor) || !positive(s.FinalDivFactor) {
			return fmt.Errorf("onecycle: rise %v and divisors %v and %v, want a share in (0, 1) and numbers above 0", s.Rise, s.DivFactor, s.FinalDivFactor)
		}
		if s.MaxMomentum != 0 && !(share(s.MaxMomentum) && share(s.BaseMomentum)) || s.MaxMomentum == 0 && s.BaseMomentum != 0 {
			return fmt.Errorf("onecycle: momentum from %v to %v, want numbers in (0, 1), or two zeros", s.MaxMomentum, s.BaseMomentum)
		}
	case "cosine":
		if !(s.EtaMin >= 0) || !isFinite(s.EtaMin) {
			return fmt.Errorf("cosine: a last rate of %v, want a number of at least 0", s.EtaMin)
		}
	case "linear":
		if !(s.StartFactor >= 0) || !(s.EndFactor >= 0) || !isFinite(s.StartFactor+s.EndFactor) {
			return fmt.Errorf("linear: factors %v and %v, want numbers of at least 0", s.StartFactor, s.EndFactor)
		}
	case "step":
		if s.Steps < 1 || !positive(s.Gamma) {
			return fmt.Errorf("step: every %d steps a factor of %v, want at least 1 step and a factor above 0", s.Steps, s.Gamma)
		}
	case "triangular":
		if !share(s.Rise) {
			return fmt.Errorf("triangular: a rise in %v of the steps, want a share in (0, 1)", s.Rise)
		}
	default:
		return fmt.Errorf("schedule %q, want onecycle, cosine, linear, step or triangular", s.Name)
	}
	return nil
}

// String returns the schedule's name and settings: "onecycle(rise=0.3, div=25, final_div=10000,
// momentum=0.95..0.85)". The zero value is "constant".
func (s Schedule) String() string {
	text, steps := s.Name, ""
	if s.Steps > 0 {
		steps = fmt.Sprintf(", steps=%d", s.Steps)
	}
	switch s.Name {
	case "":
		text = "constant"
	case "onecycle":
		text = fmt.Sprintf("onecycle(rise=%g, div=%g, final_div=%g", s.Rise, s.DivFactor, s.FinalDivFactor)
		if s.LinearAnneal {
			text += ", linear"
		}
		if s.cycles() {
			text += fmt.Sprintf(", momentum=%g..%g", s.MaxMomentum, s.BaseMomentum)
		}
		text += ")"
	case "cosine":
		text = fmt.Sprintf("cosine(eta_min=%g%s)", s.EtaMin, steps)
	case "linear":
		text = fmt.Sprintf("linear(%g..%g%s)", s.StartFactor, s.EndFactor, steps)
	case "step":
		text = fmt.Sprintf("step(gamma=%g%s)", s.Gamma, steps)
	case "triangular":
		text = fmt.Sprintf("triangular(rise=%g)", s.Rise)
	}
	if s.WarmUpSteps > 0 {
		text += fmt.Sprintf(" after a warm-up of %d steps from %g", s.WarmUpSteps, s.WarmUpStart)
	}
	return text
}
