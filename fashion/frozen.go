package fashion

import (
	"fmt"
	"slices"
)

type noBias struct{}

// NoBias leaves the bias of Conv2D or Linear out.
func NoBias() interface {
	ConvOption
	LinearOption
} {
	return noBias{}
}

func (noBias) setConv(c *conv2D)   { c.bias = false }
func (noBias) setLinear(l *linear) { l.bias = false }

// frozen lists the names of a layer's parameters that are not trained.
type frozen []string

// Frozen keeps parameters of a layer as they are: the training does not change them, as after
// requires_grad_(False) in PyTorch. The names are "weight" and "bias"; Frozen() without names
// freezes both. It is an option of Conv2D, Linear, BatchNorm1D and BatchNorm2D. The layer is
// printed as without the option, as in PyTorch, and Summary counts the frozen values in a
// column of their own. Batch norm's running statistics still change.
func Frozen(names ...string) interface {
	ConvOption
	LinearOption
	BatchNormOption
} {
	if len(names) == 0 {
		names = []string{"weight", "bias"}
	}
	return frozen(names)
}

func (f frozen) setConv(c *conv2D)         { c.frozen = f }
func (f frozen) setLinear(l *linear)       { l.frozen = f }
func (f frozen) setBatchNorm(b *batchNorm) { b.frozen = f }

// check returns an error for a name that no layer has.
func (f frozen) check() error {
	for _, name := range f {
		if name != "weight" && name != "bias" {
			return fmt.Errorf("the parameter %q is frozen, want weight or bias", name)
		}
	}
	return nil
}

// apply marks the named parameters.
func (f frozen) apply(parameters []ParameterSpec) []ParameterSpec {
	for i, p := range parameters {
		if slices.Contains(f, p.Name) {
			parameters[i].Trainable, parameters[i].Frozen = false, true
		}
	}
	return parameters
}
