package fashion

import (
	"encoding/json"
	"fmt"
	"path"
)

// ParameterGroup gives the parameters whose names match a pattern another learning rate, as
// PyTorch's parameter groups do, or freezes them.
type ParameterGroup struct {
	// Pattern is a pattern of path.Match for names of the state dict, such as "conv1.*" or
	// "*.bias": a star stands for any text, dots included.
	Pattern string `json:"pattern"`
	// Factor multiplies the learning rate. With 0 the parameters are never trained.
	Factor float64 `json:"factor"`
	// Until is the share of the steps, in (0, 1), after which the parameters and the
	// optimizer's state for them no longer change, as after requires_grad_(False) in PyTorch.
	// 0 stands for all steps.
	Until float64 `json:"until,omitempty"`
}

// mostGroups is the largest number of parameter groups of an optimizer.
const mostGroups = 4

// ParameterGroups are the parameter groups of an optimizer, of which those without a pattern are
// unused. A parameter belongs to the first group whose pattern matches its name.
type ParameterGroups [mostGroups]ParameterGroup

// WithGroup multiplies the learning rate of the parameters whose names match a pattern by a
// factor, 0 or more, and trains them in the given share of the steps only, from the first on; 0
// stands for all steps. See ParameterGroup. With more than four groups, the optimizer's Check
// is an error.
func WithGroup(pattern string, factor, until float64) OptimizerOption {
	return func(o *Optimizer) {
		for i := range o.Groups {
			if o.Groups[i] == (ParameterGroup{}) {
				o.Groups[i] = ParameterGroup{pattern, factor, until}
				return
			}
		}
		o.Groups[mostGroups-1].Pattern = "[" // malformed: Check reports it
	}
}

// String returns, for example, "0.1 lr for *.bias in the first 0.2 of the steps".
func (g ParameterGroup) String() string {
	text := fmt.Sprintf("%g lr for %s", g.Factor, g.Pattern)
	if g.Until != 0 {
		text += fmt.Sprintf(" in the first %g of the steps", g.Until)
	}
	return text
}

// MarshalJSON writes the groups that are used as a list.
func (groups ParameterGroups) MarshalJSON() ([]byte, error) { return json.Marshal(groups.list()) }

// list returns the groups that are used.
func (groups ParameterGroups) list() []ParameterGroup {
	var used []ParameterGroup
	for _, g := range groups {
		if g != (ParameterGroup{}) {
			used = append(used, g)
		}
	}
	return used
}

func (groups ParameterGroups) check() error {
	for _, g := range groups.list() {
		if _, err := path.Match(g.Pattern, ""); err != nil || g.Pattern == "" {
			return fmt.Errorf("a parameter group of %q, want a pattern such as \"*.bias\", and at most %d groups", g.Pattern, mostGroups)
		}
		if !(g.Factor >= 0) || !isFinite(g.Factor) || !(g.Until >= 0 && g.Until < 1) {
			return fmt.Errorf("parameter group %q: factor %v until %v, want a factor of at least 0 and a share in [0, 1)", g.Pattern, g.Factor, g.Until)
		}
	}
	return nil
}

// checkFor returns an error if a pattern matches none of the model's trainable parameters.
func (groups ParameterGroups) checkFor(model *Model) error {
	for _, g := range groups.list() {
		matched := false
		for _, p := range model.Parameters() {
			name, _ := path.Match(g.Pattern, p.Name) // check has tried the pattern
			matched = matched || name && p.Trainable
		}
		if !matched {
			return fmt.Errorf("parameter group %q matches no trainable parameter of model %s; its Summary lists the names", g.Pattern, model.Name())
		}
	}
	return nil
}

// of returns the group of a parameter.
func (groups ParameterGroups) of(name string) ParameterGroup {
	for _, g := range groups.list() {
		if matched, _ := path.Match(g.Pattern, name); matched {
			return g
		}
	}
	return ParameterGroup{Factor: 1}
}

// untilSteps reports whether a group depends on the total number of steps.
func (groups ParameterGroups) untilSteps() bool {
	for _, g := range groups {
		if g.Until != 0 {
			return true
		}
	}
	return false
}
