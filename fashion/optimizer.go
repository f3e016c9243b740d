package fashion

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Optimizer is a rule by which gradients change the weights. The rules are PyTorch's.
type Optimizer struct {
	// Name is "sgd" or "adam".
	Name string `json:"name"`
	// LearningRate is the factor of each update, greater than 0.
	LearningRate float64 `json:"learning_rate"`
}

// SGD is stochastic gradient descent, torch.optim.SGD(lr): w ← w − lr·g.
func SGD(learningRate float64) Optimizer { return Optimizer{"sgd", learningRate} }

// Adam is torch.optim.Adam(lr) with PyTorch's defaults: betas 0.9 and 0.999,
// epsilon 1e-8, no weight decay.
func Adam(learningRate float64) Optimizer { return Optimizer{"adam", learningRate} }

// DefaultOptimizer returns the homework's choice: SGD with learning rate 0.001 for the
// homework's softmax regression, and Adam with 0.01 for all other models. A model that
// only has the name "softmax" is one of these.
func (m *Model) DefaultOptimizer() Optimizer {
	if softmax := SoftmaxRegression(); m.String() == softmax.String() {
		return SGD(0.001)
	}
	return Adam(0.01)
}

func (o Optimizer) String() string { return fmt.Sprintf("%s(lr=%g)", o.Name, o.LearningRate) }

// Check returns an error if the name is not that of an optimizer, or if the learning rate
// is not a finite number greater than 0.
func (o Optimizer) Check() error {
	if o.Name != "sgd" && o.Name != "adam" {
		return fmt.Errorf("optimizer %q, want sgd or adam", o.Name)
	}
	if !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0) {
		return fmt.Errorf("learning rate %v, want a number greater than 0", o.LearningRate)
	}
	return nil
}

// slots returns the names of the tensors that the optimizer stores for each
// parameter, as in the state of PyTorch's optimizers.
func (o Optimizer) slots() []string {
	if o.Name == "adam" {
		return []string{"exp_avg", "exp_avg_sq"}
	}
	return nil
}

// PyTorch's defaults for Adam.
const (
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-8
)

// update builds one step for one parameter. slots are its tensors in the order of
// slots(); t is the number of this step, from 1, as float32.
func (o Optimizer) update(parameter, gradient *Node, slots []*Node, t *Node) (*Node, []*Node) {
	if o.Name == "sgd" {
		return Sub(parameter, MulScalar(gradient, o.LearningRate)), nil
	}
	// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
	average := Add(MulScalar(slots[0], adamBeta1), MulScalar(gradient, 1-adamBeta1))
	square := Add(MulScalar(slots[1], adamBeta2), MulScalar(Mul(gradient, gradient), 1-adamBeta2))
	// 1 − βᵗ = −expm1(t·ln β): in float32 the plain difference loses three digits
	// in the first steps.
	correction1 := Neg(Expm1(MulScalar(t, math.Log(adamBeta1))))
	correction2 := Neg(Expm1(MulScalar(t, math.Log(adamBeta2))))
	denominator := AddScalar(Div(Sqrt(square), Sqrt(correction2)), adamEpsilon)
	stepSize := Div(ConstAs(t, o.LearningRate), correction1)
	return Sub(parameter, Mul(stepSize, Div(average, denominator))), []*Node{average, square}
}
