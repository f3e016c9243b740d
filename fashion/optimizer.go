package fashion

import (
	"fmt"
	"math"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Optimizer is a rule by which gradients change the weights. The rules, their defaults and
// the meaning of a value are PyTorch's. Two optimizers with the same settings are equal (==).
type Optimizer struct {
	// Name is "sgd", "adam" or "adamw".
	Name string `json:"name"`
	// LearningRate is the factor of each update, greater than 0. A Schedule changes it
	// from step to step.
	LearningRate float64 `json:"learning_rate"`
	// Momentum is SGD's momentum factor, in [0, 1); 0 is none. With Nesterov it is
	// Nesterov's.
	Momentum float64 `json:"momentum,omitempty"`
	Nesterov bool    `json:"nesterov,omitempty"`
	// Betas are the factors of Adam's two moving averages, each in [0, 1). Two zeros stand for
	// PyTorch's 0.9 and 0.999.
	Betas [2]float64 `json:"betas,omitzero"`
	// Epsilon is added to Adam's denominator; 0 stands for PyTorch's 1e-8.
	Epsilon float64 `json:"epsilon,omitempty"`
	// WeightDecay is the factor of the weights that is added to their gradients (SGD and
	// Adam) or, multiplied by the learning rate, subtracted from the weights (AdamW).
	WeightDecay float64 `json:"weight_decay,omitempty"`
	// MatrixDecay limits WeightDecay to parameters with two axes or more: kernels and
	// matrices, but not biases and the parameters of batch norm.
	MatrixDecay bool `json:"matrix_decay,omitempty"`
	// Groups are the parameters with other learning rates; see WithGroup.
	Groups ParameterGroups `json:"groups,omitzero"`
}

// OptimizerOption changes a setting of SGD, Adam or AdamW.
type OptimizerOption func(*Optimizer)

// WithWeightDecay sets the weight decay of all parameters.
func WithWeightDecay(decay float64) OptimizerOption {
	return func(o *Optimizer) { o.WeightDecay, o.MatrixDecay = decay, false }
}

// WithMatrixDecay sets the weight decay of the parameters with two axes or more: kernels and
// matrices. Biases and the parameters of batch norm do not decay. In PyTorch it takes two
// parameter groups.
func WithMatrixDecay(decay float64) OptimizerOption {
	return func(o *Optimizer) { o.WeightDecay, o.MatrixDecay = decay, true }
}

func newOptimizer(o Optimizer, options []OptimizerOption) Optimizer {
	for _, option := range options {
		option(&o)
	}
	return o
}

// DefaultOptimizer returns the homework's choice: SGD with learning rate 0.001 for the
// homework's softmax regression, and Adam with 0.01 for all other models. A model that
// only has the name "softmax" is one of these.
func (m *Model) DefaultOptimizer() Optimizer {
	if softmax := SoftmaxRegression(); m.String() == softmax.String() {
		return SGD(0.001)
	}
	return Adam(0.01)
}

// String returns the name and the settings that are not PyTorch's defaults: "sgd(lr=0.1,
// momentum=0.9)".
func (o Optimizer) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(lr=%g", o.Name, o.LearningRate)
	if o.Momentum != 0 {
		fmt.Fprintf(&b, ", momentum=%g", o.Momentum)
	}
	if o.Nesterov {
		b.WriteString(", nesterov")
	}
	if o.Betas != [2]float64{} {
		fmt.Fprintf(&b, ", betas=(%g, %g)", o.Betas[0], o.Betas[1])
	}
	if o.Epsilon != 0 {
		fmt.Fprintf(&b, ", eps=%g", o.Epsilon)
	}
	if o.WeightDecay != 0 || o.Name == "adamw" {
		fmt.Fprintf(&b, ", weight_decay=%g", o.WeightDecay)
	}
	if o.MatrixDecay {
		b.WriteString(" on kernels and matrices")
	}
	for _, g := range o.Groups.list() {
		fmt.Fprintf(&b, ", %v", g)
	}
	return b.String() + ")"
}

// Check returns an error if the name is not that of an optimizer, if the learning rate is not
// a finite number greater than 0, or if another setting is out of its range or belongs to
// another optimizer.
func (o Optimizer) Check() error {
	sgd := o.Name == "sgd"
	in := func(x, high float64) bool { return x >= 0 && x < high } // false for NaN
	switch {
	case !sgd && o.Name != "adam" && o.Name != "adamw":
		return fmt.Errorf("optimizer %q, want sgd, adam or adamw", o.Name)
	case !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0):
		return fmt.Errorf("learning rate %v, want a number greater than 0", o.LearningRate)
	case !sgd && (o.Momentum != 0 || o.Nesterov):
		return fmt.Errorf("momentum of %s, want it with sgd only; the moments of adam and adamw are set with WithBetas", o.Name)
	case sgd && (o.Betas != [2]float64{} || o.Epsilon != 0):
		return fmt.Errorf("betas or epsilon of sgd, want them with adam and adamw only")
	case !in(o.Momentum, 1):
		return fmt.Errorf("momentum %v, want a number in [0, 1)", o.Momentum)
	case o.Nesterov && o.Momentum == 0:
		return fmt.Errorf("nesterov with momentum 0, want a momentum greater than 0")
	case !in(o.Betas[0], 1) || !in(o.Betas[1], 1):
		return fmt.Errorf("betas %v, want two numbers in [0, 1)", o.Betas)
	case !in(o.Epsilon, math.Inf(1)):
		return fmt.Errorf("epsilon %v, want a number of at least 0", o.Epsilon)
	case !in(o.WeightDecay, math.Inf(1)):
		return fmt.Errorf("weight decay %v, want a number of at least 0", o.WeightDecay)
	}
	return o.Groups.check()
}

// slots returns the names of the tensors that the optimizer stores for each
// parameter, as in the state of PyTorch's optimizers.
func (o Optimizer) slots() []string {
	switch {
	case o.Name != "sgd":
		return []string{"exp_avg", "exp_avg_sq"}
	case o.Momentum != 0:
		return []string{"momentum_buffer"}
	}
	return nil
}

// stepValues holds what differs from step to step.
type stepValues struct {
	// completed is the number of steps before this one, as int32, number the number
	// of this step, from 1, as float32.
	completed, number *Node
	// rate and momentum are float32 scalars that replace the optimizer's learning rate and
	// its momentum or first beta; nil if these are constant.
	rate, momentum *Node
}

// update builds one step for one parameter with the given number of axes. slots are its
// tensors in the order of slots(); factor multiplies the learning rate.
func (o Optimizer) update(weight, gradient *Node, slots []*Node, at stepValues, factor float64) (*Node, []*Node) {
	decay := o.WeightDecay
	if o.MatrixDecay && weight.Rank() < 2 {
		decay = 0
	}
	if decay != 0 && o.Name != "adamw" {
		gradient = Add(gradient, MulScalar(weight, decay))
	}
	if o.Name == "sgd" {
		return o.sgd(weight, gradient, slots, at, factor)
	}
	if decay != 0 && o.Name == "adamw" {
		weight = Sub(weight, at.timesRate(MulScalar(weight, decay), o.LearningRate*factor, factor))
	}
	return o.adam(weight, gradient, slots, at, factor)
}

// timesRate multiplies x by the step's learning rate: by the constant, or by the step's own
// rate and the factor.
func (at stepValues) timesRate(x *Node, constant, factor float64) *Node {
	if at.rate == nil {
		return MulScalar(x, constant)
	}
	rate := at.rate
	if factor != 1 {
		rate = MulScalar(rate, factor)
	}
	return Mul(x, BroadcastToShape(rate, x.Shape()))
}

// mix returns m·a + b·(1 − m) or, if plain is true, m·a + b, where m is the step's momentum or
// the given constant.
func (at stepValues) mix(a, b *Node, constant float64, plain bool) *Node {
	if at.momentum == nil {
		if !plain {
			b = MulScalar(b, 1-constant)
		}
		return Add(MulScalar(a, constant), b)
	}
	m := BroadcastToShape(at.momentum, a.Shape())
	if !plain {
		b = Mul(b, OneMinus(m))
	}
	return Add(Mul(a, m), b)
}
