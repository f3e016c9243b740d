package fashion

import . "github.com/gomlx/gomlx/core/graph"

// SGD is stochastic gradient descent, torch.optim.SGD(lr): w ← w − lr·g. Its options are
// WithMomentum, WithNesterov, WithWeightDecay (or WithMatrixDecay) and WithGroup; PyTorch's
// dampening is 0. https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
func SGD(learningRate float64, options ...OptimizerOption) Optimizer {
	return newOptimizer(Optimizer{Name: "sgd", LearningRate: learningRate}, options)
}

// WithMomentum sets SGD's momentum factor μ: b ← μ·b + g, w ← w − lr·b.
func WithMomentum(momentum float64) OptimizerOption {
	return func(o *Optimizer) { o.Momentum, o.Nesterov = momentum, false }
}

// WithNesterov sets SGD's momentum factor μ, in Nesterov's form: b ← μ·b + g,
// w ← w − lr·(g + μ·b).
func WithNesterov(momentum float64) OptimizerOption {
	return func(o *Optimizer) { o.Momentum, o.Nesterov = momentum, true }
}

// sgd builds one step for one parameter; see update. PyTorch's buffer begins as the first
// gradient, which is what a buffer of zeros becomes.
func (o Optimizer) sgd(weight, gradient *Node, slots []*Node, at stepValues, factor float64) (*Node, []*Node) {
	direction := gradient
	var after []*Node
	if o.Momentum != 0 {
		buffer := at.mix(slots[0], gradient, o.Momentum, true)
		direction, after = buffer, []*Node{buffer}
		if o.Nesterov {
			direction = at.mix(buffer, gradient, o.Momentum, true)
		}
	}
	return Sub(weight, at.timesRate(direction, o.LearningRate*factor, factor)), after
}
