package fashion

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// PyTorch's defaults for Adam and AdamW.
const (
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-8
	adamWDecay  = 0.01
)

// Adam is torch.optim.Adam(lr) with PyTorch's defaults: betas 0.9 and 0.999,
// epsilon 1e-8, no weight decay. Its options are WithBetas, WithEpsilon, WithWeightDecay (or
// WithMatrixDecay), which adds decay·w to the gradient (L2), and WithGroup.
// https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
func Adam(learningRate float64, options ...OptimizerOption) Optimizer {
	return newOptimizer(Optimizer{Name: "adam", LearningRate: learningRate}, options)
}

// AdamW is torch.optim.AdamW(lr) with PyTorch's defaults: those of Adam, and weight decay 0.01,
// which is not part of the gradient: w ← w − lr·decay·w before Adam's step. The options are
// Adam's. https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
func AdamW(learningRate float64, options ...OptimizerOption) Optimizer {
	return newOptimizer(Optimizer{Name: "adamw", LearningRate: learningRate, WeightDecay: adamWDecay}, options)
}

// WithBetas sets the factors of Adam's moving averages of the gradient and of its square, each
// in [0, 1). Two zeros stand for PyTorch's 0.9 and 0.999.
func WithBetas(beta1, beta2 float64) OptimizerOption {
	return func(o *Optimizer) {
		o.Betas = [2]float64{beta1, beta2}
		if o.Betas == [2]float64{adamBeta1, adamBeta2} {
			o.Betas = [2]float64{}
		}
	}
}

// WithEpsilon sets the number that is added to Adam's denominator.
func WithEpsilon(epsilon float64) OptimizerOption {
	return func(o *Optimizer) { o.Epsilon = epsilon }
}

// betas returns Adam's factors.
func (o Optimizer) betas() (beta1, beta2 float64) {
	if o.Betas == [2]float64{} {
		return adamBeta1, adamBeta2
	}
	return o.Betas[0], o.Betas[1]
}

// adam builds one step for one parameter; see update. weight has decayed already.
func (o Optimizer) adam(weight, gradient *Node, slots []*Node, at stepValues, factor float64) (*Node, []*Node) {
	beta1, beta2 := o.betas()
	epsilon := o.Epsilon
	if epsilon == 0 {
		epsilon = adamEpsilon
	}
	average := at.mix(slots[0], gradient, beta1, false)
	square := Add(MulScalar(slots[1], beta2), MulScalar(Mul(gradient, gradient), 1-beta2))
	correction1, correction2 := at.correction(beta1), stepValues{number: at.number}.correction(beta2)
	if at.momentum != nil {
		correction1 = Neg(Expm1(Mul(at.number, Log(at.momentum))))
	}
	denominator := AddScalar(Div(Sqrt(square), Sqrt(correction2)), epsilon)
	after := []*Node{average, square}
	if at.rate == nil {
		stepSize := Div(ConstAs(at.number, o.LearningRate*factor), correction1)
		return Sub(weight, Mul(stepSize, Div(average, denominator))), after
	}
	direction := Mul(Reciprocal(correction1), Div(average, denominator))
	return Sub(weight, at.timesRate(direction, 0, factor)), after
}

// correction returns 1 − βᵗ for a constant β, where t is the number of the step. It is computed as
// −expm1(t·ln β): in float32 the plain difference loses three digits in the first steps.
func (at stepValues) correction(beta float64) *Node {
	if beta == 0 {
		return OnesLike(at.number)
	}
	return Neg(Expm1(MulScalar(at.number, math.Log(beta))))
}
