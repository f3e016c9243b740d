package fashion

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// stepSettings holds the settings on which the graph of a training step depends.
type stepSettings struct {
	optimizer           Optimizer
	schedule            Schedule
	labelSmoothing      float64
	clipNorm, clipValue float64
	ema                 EMA
	// steps is the total number of steps. It is 0 if it is not known, or if nothing depends
	// on it, so that a training can be prolonged.
	steps int
}

// stepSettings returns the settings of a training of total steps.
func (t Training) stepSettings(total int) stepSettings {
	r := stepSettings{t.Schedule.optimizer(t.Optimizer), t.Schedule, t.LabelSmoothing, t.ClipNorm, t.ClipValue, t.EMA, 0}
	if !r.schedule.constant() || r.optimizer.Groups.untilSteps() || r.ema.Start > 0 {
		r.steps = total
	}
	return r
}

// check returns an error for settings that are out of their ranges or do not fit the model.
func (r stepSettings) check(model *Model) error {
	if err := r.optimizer.Check(); err != nil {
		return err
	}
	if err := r.optimizer.Groups.checkFor(model); err != nil {
		return err
	}
	if err := r.schedule.Check(); err != nil {
		return err
	}
	if err := r.ema.Check(); err != nil {
		return err
	}
	if !(r.labelSmoothing >= 0 && r.labelSmoothing < 1) {
		return fmt.Errorf("label smoothing %v, want a number in [0, 1)", r.labelSmoothing)
	}
	if !(r.clipNorm >= 0) || !(r.clipValue >= 0) || !isFinite(r.clipNorm+r.clipValue) {
		return fmt.Errorf("gradients clipped to norm %v and value %v, want numbers of at least 0; 0 is no clipping", r.clipNorm, r.clipValue)
	}
	if r.optimizer.Groups.untilSteps() && r.steps == 0 {
		return fmt.Errorf("%v has a parameter group for a share of the steps, whose number is not known here; train with Fit", r.optimizer)
	}
	return nil
}

// String describes what a plain training with an optimizer does not have; "" for such a one.
func (r stepSettings) String() string {
	var parts []string
	add := func(used bool, format string, args ...any) {
		if used {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(!r.schedule.constant(), "schedule %v", r.schedule)
	add(r.labelSmoothing != 0, "label smoothing %g", r.labelSmoothing)
	add(r.clipNorm != 0, "gradients clipped to norm %g", r.clipNorm)
	add(r.clipValue != 0, "gradients clipped to ±%g", r.clipValue)
	add(r.ema.used(), "%v", r.ema)
	return strings.Join(parts, ", ")
}

// values returns a step's values. rate is the learning rate if it is an argument of the step, else
// nil. The rates of a schedule are a table in the graph, computed in float64 as PyTorch's are, so
// that a step, a loop of steps and a resumed training have the same.
func (r stepSettings) values(completed, number, rate *Node) stepValues {
	at := stepValues{completed: completed, number: number, rate: rate}
	table := func(value func(step int) float64) *Node {
		values := make([]float32, r.steps)
		for step := range values {
			values[step] = float32(value(step))
		}
		return Reshape(Gather(Const(number.Graph(), values), InsertAxes(completed, 0)))
	}
	if !r.schedule.constant() {
		at.rate = table(func(step int) float64 { return r.schedule.Rate(r.optimizer.LearningRate, step, r.steps) })
	}
	if r.schedule.cycles() {
		at.momentum = table(func(step int) float64 { return r.schedule.momentum(step, r.steps) })
	}
	return at
}

// active returns whether the step trains a parameter of a group: a condition, or nil for always.
func (r stepSettings) active(g ParameterGroup, at stepValues) *Node {
	if g.Until == 0 {
		return nil
	}
	return LessThan(at.completed, Const(at.completed.Graph(), int32(stepsOf(g.Until, r.steps))))
}

// clip returns the gradients of the given parameters after clipping, the values first. Those of
// frozen parameters do not count in the norm, as in PyTorch, where they have none.
func (r stepSettings) clip(parameters []ParameterSpec, gradients []*Node, at stepValues) []*Node {
	if r.clipNorm == 0 && r.clipValue == 0 {
		return gradients
	}
	for i, g := range gradients {
		group := r.optimizer.Groups.of(parameters[i].Name)
		if group.Factor == 0 {
			gradients[i] = ZerosLike(g)
		} else if active := r.active(group, at); active != nil {
			gradients[i] = Where(BroadcastToShape(active, withBool(g)), g, ZerosLike(g))
		}
	}
	if r.clipValue != 0 {
		gradients = clipValue(gradients, r.clipValue)
	}
	if r.clipNorm != 0 {
		gradients = clipNorm(gradients, r.clipNorm)
	}
	return gradients
}

// update builds one step for one parameter: the optimizer's, with the settings of the parameter's
// group.
func (r stepSettings) update(p ParameterSpec, weight, gradient *Node, slots []*Node, at stepValues) (*Node, []*Node) {
	group := r.optimizer.Groups.of(p.Name)
	if group.Factor == 0 {
		return weight, slots
	}
	after, slotsAfter := r.optimizer.update(weight, gradient, slots, at, group.Factor)
	active := r.active(group, at)
	if active == nil {
		return after, slotsAfter
	}
	choose := func(after, before *Node) *Node {
		return Where(BroadcastToShape(active, withBool(before)), after, before)
	}
	for i := range slotsAfter {
		slotsAfter[i] = choose(slotsAfter[i], slots[i])
	}
	return choose(after, weight), slotsAfter
}
